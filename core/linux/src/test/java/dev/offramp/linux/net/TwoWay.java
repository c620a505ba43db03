package dev.offramp.linux.net;

import java.io.IOException;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Sends random bytes both ways at once and compares digests. */
final class TwoWay {
  private static final int CHUNK_BYTES = 64 << 10;

  private TwoWay() {}

  /** Whether {@code bytes} each way arrived as they were sent, ends of stream included. */
  static boolean intact(SocketChannel one, SocketChannel other, long bytes) throws Exception {
    FutureTask<String> sentByOne = start(() -> send(one, bytes, 1));
    FutureTask<String> sentByOther = start(() -> send(other, bytes, 2));
    FutureTask<String> gotByOne = start(() -> receive(one.socket()));
    FutureTask<String> gotByOther = start(() -> receive(other.socket()));
    return join(sentByOne).equals(join(gotByOther)) && join(sentByOther).equals(join(gotByOne));
  }

  private static String send(SocketChannel to, long bytes, long seed) throws Exception {
    MessageDigest digest = sha();
    Random random = new Random(seed);
    byte[] chunk = new byte[CHUNK_BYTES];
    for (long left = bytes; left > 0; left -= CHUNK_BYTES) {
      random.nextBytes(chunk);
      int size = (int) Math.min(left, CHUNK_BYTES);
      to.socket().getOutputStream().write(chunk, 0, size);
      digest.update(chunk, 0, size);
    }
    to.shutdownOutput();
    return bytes + " " + HexFormat.of().formatHex(digest.digest());
  }

  private static String receive(Socket from) throws IOException, NoSuchAlgorithmException {
    MessageDigest digest = sha();
    byte[] chunk = new byte[CHUNK_BYTES];
    long bytes = 0;
    for (int n = from.getInputStream().read(chunk); n >= 0; n = from.getInputStream().read(chunk)) {
      digest.update(chunk, 0, n);
      bytes += n;
    }
    return bytes + " " + HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha() throws NoSuchAlgorithmException {
    return MessageDigest.getInstance("SHA-1");
  }

  private static FutureTask<String> start(Callable<String> code) {
    FutureTask<String> task = new FutureTask<>(code);
    Thread.ofPlatform().daemon(true).start(task);
    return task;
  }

  private static String join(FutureTask<String> task)
      throws InterruptedException, ExecutionException, TimeoutException {
    return task.get(60, TimeUnit.SECONDS);
  }
}
