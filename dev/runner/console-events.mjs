/**
 * Windows has no signals between processes: there the runner raises console events, and Node hands them to the action
 * as signals. A test can't raise them, so this hands on what it sends.
 */
process.on('message', (signal) => process.emit(signal, signal));
process.channel?.unref();
