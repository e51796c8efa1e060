/** Records which listeners are added to a signal and removed from it from now on, e.g. `add abort`. */
export function listenersOf(signal: AbortSignal): readonly string[] {
  const events: string[] = [];
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (...given: Parameters<typeof add>) => {
    events.push(`add ${given[0]}`);
    add(...given);
  };
  signal.removeEventListener = (...given: Parameters<typeof remove>) => {
    events.push(`remove ${given[0]}`);
    remove(...given);
  };
  return events;
}
