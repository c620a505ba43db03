package dev.offramp.cli;

import dev.offramp.cli.demo.Events;
import dev.offramp.cli.demo.Fields;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** The demonstration's second process, and what it says. Killed on close if it is still there. */
final class PeerProcess implements AutoCloseable {
  private static final long END_SECONDS = 30;

  private final Process process;
  private final int port;
  private final FutureTask<Integer> reading;

  private PeerProcess(Process process, int port, FutureTask<Integer> reading) {
    this.process = process;
    this.port = port;
    this.reading = reading;
  }

  /** Starts it, and waits until it listens. */
  static PeerProcess start(List<String> command, Events.Sink sink) throws IOException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    BufferedReader lines = process.inputReader();
    String first = lines.readLine();
    if (first == null) {
      process.destroyForcibly();
      throw new EOFException("the peer process ended before it listened");
    }
    int port = (int) Fields.number(Json.parse(first), "port");
    FutureTask<Integer> reading = new FutureTask<>(() -> read(lines, sink));
    Thread.ofPlatform().name("offramp-demo-peer").daemon(true).start(reading);
    return new PeerProcess(process, port, reading);
  }

  /** Where it listens. */
  int port() {
    return port;
  }

  /** Waits until it has said all and ended well. */
  void awaitEnd() throws IOException, InterruptedException {
    try {
      reading.get();
    } catch (ExecutionException e) {
      throw new IOException("the peer's report cannot be read: " + e.getCause(), e.getCause());
    }
    if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException("the peer process did not end within " + END_SECONDS + " s");
    }
    if (process.exitValue() != ExitCode.OK) {
      throw new IOException("the peer process ended with exit code " + process.exitValue());
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  private static int read(BufferedReader lines, Events.Sink sink) throws IOException {
    int count = 0;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Map<String, Object> event = Json.parse(line);
      sink.accept(event);
      count++;
    }
    return count;
  }
}
