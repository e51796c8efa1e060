/**
 * Windows has no signals between processes: the runner raises console events there, and Node reports them to the
 * action as signals. A test can't raise console events, so this script emits the signals that the test sends as
 * messages.
 */
process.on('message', (signal) => process.emit(signal, signal));
process.channel?.unref();
