package dev.offramp.runtime.migrate;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.offramp.runtime.migrate.MigrationException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;

/**
 * A channel between two processes that have proven to each other that they have the same key.
 *
 * <ol>
 *   <li>each says hello: {@value #MAGIC}, a version, 32 random octets
 *   <li>keys are derived from the pre-shared one by HKDF-SHA256 (RFC 5869), with SHA-256 of both
 *       hellos as salt: what was heard in one exchange is worth nothing in another
 *   <li>first the sender proves that it has them, then the receiver: HMAC-SHA256 (RFC 2104) over
 *       that hash, each with a key of its own, so that no proof can be sent back
 *   <li>messages: u32 length, then AES-256-GCM (NIST SP 800-38D) of u8 type and payload; the nonce
 *       counts, and each direction has its key: no message can be altered, repeated, left out or
 *       moved without notice
 * </ol>
 *
 * <p>No TLS: the JDK has none with pre-shared keys. Nor is there forward secrecy: who gets the key
 * later can read what he recorded. For one thread at a time.
 */
final class SecureLink implements AutoCloseable {
  private static final String MAGIC = "OFFRAMP-TRANSFER";
  private static final int VERSION = 1;
  private static final int RANDOM_BYTES = 32;
  private static final int HELLO_BYTES = 16 + Short.BYTES + RANDOM_BYTES;
  private static final int PROOF_BYTES = 32;
  private static final int KEY_BYTES = 32;
  private static final int TAG_BITS = 128;
  private static final int NONCE_BYTES = 12;

  /** A descriptor carries at most two queues of a socket, and those are smaller. */
  private static final int MAX_MESSAGE_BYTES = 64 << 20;

  private final Wire channel;
  private final Direction outgoing;
  private final Direction incoming;

  private SecureLink(Wire channel, Direction outgoing, Direction incoming) {
    this.channel = channel;
    this.outgoing = outgoing;
    this.incoming = incoming;
  }

  /** Which end this is. */
  enum Role {
    SENDER,
    RECEIVER
  }

  /** One message. */
  record Message(int type, ByteBuffer payload) {}

  /** What one direction has of its own. */
  private static final class Direction {
    private final SecretKey key;
    private long messages;

    Direction(SecretKey key) {
      this.key = key;
    }

    Cipher cipher(int mode) throws GeneralSecurityException {
      byte[] nonce = new byte[NONCE_BYTES];
      ByteBuffer.wrap(nonce).putLong(NONCE_BYTES - Long.BYTES, messages++);
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
      return cipher;
    }
  }

  /**
   * Greets, and proves to each other.
   *
   * @param channel this link's from now on; closed when this throws
   * @param timeout for each message
   */
  static SecureLink open(SocketChannel channel, Role role, PreSharedKey key, Duration timeout)
      throws IOException {
    return open(new DeadlineChannel(channel, timeout), role, key);
  }

  /** The same over a wire of another kind, this link's from now on; closed when this throws. */
  static SecureLink open(Wire wire, Role role, PreSharedKey key) throws IOException {
    SecureLink link = null;
    try {
      link = greet(wire, role, key);
      return link;
    } catch (GeneralSecurityException e) {
      throw new IOException("this JDK lacks HKDF-SHA256, HmacSHA256 or AES/GCM", e);
    } finally {
      if (link == null) {
        wire.close();
      }
    }
  }

  private static SecureLink greet(Wire channel, Role role, PreSharedKey key)
      throws IOException, GeneralSecurityException {
    byte[] own = hello();
    channel.write(ByteBuffer.wrap(own));
    byte[] other = new byte[HELLO_BYTES];
    channel.read(HELLO_BYTES, false).get(other);
    requireHello(ByteBuffer.wrap(other));
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    digest.update(role == Role.SENDER ? own : other);
    byte[] transcript = digest.digest(role == Role.SENDER ? other : own);
    Keys keys = new Keys(key, transcript);
    byte[] sender = keys.proof("sender", transcript);
    byte[] receiver = keys.proof("receiver", transcript);
    if (role == Role.SENDER) {
      channel.write(ByteBuffer.wrap(sender));
      requireProof(channel, receiver);
    } else {
      requireProof(channel, sender);
      channel.write(ByteBuffer.wrap(receiver));
    }
    Direction forth = new Direction(keys.derive("AES", "sender to receiver"));
    Direction back = new Direction(keys.derive("AES", "receiver to sender"));
    return role == Role.SENDER
        ? new SecureLink(channel, forth, back)
        : new SecureLink(channel, back, forth);
  }

  private static byte[] hello() {
    byte[] random = new byte[RANDOM_BYTES];
    new SecureRandom().nextBytes(random);
    byte[] hello = new byte[HELLO_BYTES];
    ByteBuffer.wrap(hello).put(MAGIC.getBytes(US_ASCII)).putShort((short) VERSION).put(random);
    return hello;
  }

  private static void requireHello(ByteBuffer hello) throws MigrationException {
    byte[] magic = new byte[MAGIC.length()];
    hello.get(magic);
    int version = hello.getShort();
    if (!MAGIC.equals(new String(magic, US_ASCII)) || version != VERSION) {
      throw new MigrationException(
          Reason.PROTOCOL,
          "seen something else, or version [" + version + "], expected " + MAGIC + " " + VERSION);
    }
  }

  /** Compared in constant time. */
  private static void requireProof(Wire channel, byte[] expected) throws IOException {
    byte[] proof = new byte[PROOF_BYTES];
    try {
      channel.read(PROOF_BYTES, false).get(proof);
    } catch (MigrationException e) {
      if (e.reason() == Reason.CLOSED) {
        throw new MigrationException(
            Reason.CLOSED, "the other process went away instead of its proof; has it this key?", e);
      }
      throw e;
    }
    if (!MessageDigest.isEqual(proof, expected)) {
      throw new MigrationException(
          Reason.NOT_AUTHENTIC,
          "the other process does not have this key, or repeats an old exchange; give both the"
              + " same key");
    }
  }

  /** Everything derived from one exchange. */
  private static final class Keys {
    private final KDF hkdf = KDF.getInstance("HKDF-SHA256");
    private final PreSharedKey key;
    private final byte[] transcript;

    Keys(PreSharedKey key, byte[] transcript) throws GeneralSecurityException {
      this.key = key;
      this.transcript = transcript;
    }

    SecretKey derive(String algorithm, String label) throws GeneralSecurityException {
      return hkdf.deriveKey(
          algorithm,
          HKDFParameterSpec.ofExtract()
              .addIKM(key.secret())
              .addSalt(transcript)
              .thenExpand(("offramp transfer 1 " + label).getBytes(US_ASCII), KEY_BYTES));
    }

    byte[] proof(String who, byte[] message) throws GeneralSecurityException {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(derive("HmacSHA256", who + " has the key"));
      return mac.doFinal(message);
    }
  }

  void send(int type, ByteBuffer payload) throws IOException {
    try {
      ByteBuffer plain =
          ByteBuffer.allocate(1 + payload.remaining()).put((byte) type).put(payload).flip();
      Cipher cipher = outgoing.cipher(Cipher.ENCRYPT_MODE);
      ByteBuffer sealed =
          ByteBuffer.allocate(Integer.BYTES + cipher.getOutputSize(plain.remaining()));
      sealed.putInt(sealed.capacity() - Integer.BYTES);
      cipher.doFinal(plain, sealed);
      channel.write(sealed.flip());
    } catch (GeneralSecurityException e) {
      throw new IOException("AES/GCM refuses to seal a message", e);
    }
  }

  Message receive() throws IOException {
    int length = channel.read(Integer.BYTES, false).getInt();
    if (length <= TAG_BITS / Byte.SIZE || length > MAX_MESSAGE_BYTES) {
      throw new MigrationException(
          Reason.TOO_LARGE,
          "a message of [" + length + "] bytes, expected at most " + MAX_MESSAGE_BYTES);
    }
    ByteBuffer sealed = channel.read(length, true);
    try {
      ByteBuffer plain = ByteBuffer.allocate(length);
      incoming.cipher(Cipher.DECRYPT_MODE).doFinal(sealed, plain);
      plain.flip();
      return new Message(Byte.toUnsignedInt(plain.get()), plain.slice());
    } catch (GeneralSecurityException e) {
      throw new MigrationException(
          Reason.ALTERED, "a message is not what was sent; look who is on the way", e);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
