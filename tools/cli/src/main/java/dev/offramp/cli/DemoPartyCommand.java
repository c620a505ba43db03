package dev.offramp.cli;

import dev.offramp.api.OfframpOptions;
import dev.offramp.cli.demo.Events;
import dev.offramp.cli.demo.PartyPlan;
import dev.offramp.cli.demo.PeerParty;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The demonstration's second process. Started by {@code offramp demo}, not by people. */
@Command(name = "demo-peer", hidden = true, description = "The second process of a demonstration.")
final class DemoPartyCommand implements Callable<Integer> {
  @Option(names = "--address", required = true)
  private String address;

  @Option(names = "--bytes", required = true)
  private long bytes;

  @Option(names = "--plain-bytes", required = true)
  private long plainBytes;

  @Option(names = "--load-bytes", required = true)
  private long loadBytes;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    PartyPlan plan =
        new PartyPlan(
            new InetSocketAddress(InetAddress.getByName(address), 0),
            bytes,
            plainBytes,
            loadBytes,
            OfframpOptions.HOST_RESIDENT,
            Map.of(),
            false);
    new PeerParty(plan, new Events(this::print)).run();
    return ExitCode.OK;
  }

  private void print(Map<String, Object> event) {
    spec.commandLine().getOut().println(Json.line(event));
    spec.commandLine().getOut().flush();
  }
}
