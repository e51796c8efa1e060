/** Records from now on what listeners are added to a signal and removed from it, e.g. `add abort`. */
export function listenersOf(signal: AbortSignal): readonly string[] {
  const heard: string[] = [];
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (...given: Parameters<typeof add>) => {
    heard.push(`add ${given[0]}`);
    add(...given);
  };
  signal.removeEventListener = (...given: Parameters<typeof remove>) => {
    heard.push(`remove ${given[0]}`);
    remove(...given);
  };
  return heard;
}
