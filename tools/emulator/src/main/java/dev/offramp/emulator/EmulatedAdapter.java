package dev.offramp.emulator;

import dev.offramp.linux.net.NetworkNamespace;
import dev.offramp.linux.net.SteeredNic;
import dev.offramp.linux.net.Topology;
import dev.offramp.models.AdapterModel;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.DmaSpace;
import dev.offramp.models.Faults;
import dev.offramp.models.ModelWindow;
import dev.offramp.runtime.device.Adapters;
import dev.offramp.runtime.loop.NioEventLoops;
import dev.offramp.spi.Device;
import java.io.IOException;

/**
 * An adapter without hardware: a model of the chip, plugged into this process, whose TCP is the
 * kernel's in a network namespace that sits in the cable. A driver sees registers, memory and
 * interrupts; the peer sees the host. <b>A model, not silicon.</b>
 *
 * <p>Works as root and under {@code unshare -Urn}, with {@code
 * --enable-native-access=dev.offramp.linux}. Safe for many threads.
 */
public final class EmulatedAdapter implements AutoCloseable {
  private final NioEventLoops loops;
  private final EmulatedLink link;
  private final ModelWindow window;

  private EmulatedAdapter(NioEventLoops loops, EmulatedLink link, ModelWindow window) {
    this.loops = loops;
    this.link = link;
    this.window = window;
  }

  /**
   * Powers an adapter up whose cable is that of a topology.
   *
   * @param topology must stay open for as long as the adapter
   */
  public static EmulatedAdapter open(AdapterModelFactory kind, Topology topology)
      throws IOException {
    return open(kind, topology.nic(), topology.nicNamespace(), Faults.NONE);
  }

  /**
   * Powers an adapter up.
   *
   * @param kind which chip
   * @param nic its ports; must stay open for as long as the adapter
   * @param namespace where the ports are
   * @param faults what is to go wrong
   * @throws IOException when the namespace cannot be entered
   */
  public static EmulatedAdapter open(
      AdapterModelFactory kind, SteeredNic nic, NetworkNamespace namespace, Faults faults)
      throws IOException {
    NioEventLoops loops = new NioEventLoops();
    try {
      var loop = loops.next();
      EmulatedLink link = EmulatedLink.open(nic, namespace, loop);
      return new EmulatedAdapter(
          loops, link, new ModelWindow(kind, loop, link, System::nanoTime, faults));
    } catch (IOException | RuntimeException | Error e) {
      loops.close();
      throw e;
    }
  }

  /** What the adapter says of itself. */
  public Device device() {
    return window.device();
  }

  /** What a driver is handed. */
  public ModelWindow window() {
    return window;
  }

  /** The model, for a look inside. */
  public AdapterModel model() {
    return window.model();
  }

  /** What drivers have allocated and mapped. */
  public DmaSpace memory() {
    return window.memory();
  }

  /** How many 4-tuples the adapter has now. */
  public int claimCount() {
    return link.claimCount();
  }

  /**
   * Makes the adapter an RNIC of this process, by its device's name, until the registration is
   * closed.
   */
  public Adapters.Registration provide() {
    return Adapters.provide(device(), window);
  }

  /**
   * Powers it off: its connections end without a word, and the cable is a cable again. Close what
   * is open on it first. Idempotent.
   */
  @Override
  public void close() {
    window.close();
    link.close();
    loops.close();
  }
}
