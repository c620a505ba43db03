package dev.offramp.cli;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.Field;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.descriptor.Ownership;
import dev.offramp.linux.ProcessSockets;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code offramp inspect}. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description = {
      "Shows the descriptor of a live connection of any process, and leaves it alone.",
      "",
      "The owning process is paused for some microseconds while TCP_REPAIR is on. Needs"
          + " CAP_NET_ADMIN, and leave to trace that process."
    })
final class InspectCommand implements Callable<Integer> {
  private static final int NAME_COLUMNS = 24;
  private static final int VALUE_COLUMNS = 34;
  private static final int ORIGIN_COLUMNS = 8;

  @Spec private CommandSpec spec;

  @ArgGroup(exclusive = true, multiplicity = "1")
  private Target target;

  /** Two ways to name a connection. */
  static final class Target {
    @ArgGroup(exclusive = false)
    private @Nullable ByDescriptor byDescriptor;

    @ArgGroup(exclusive = false)
    private @Nullable ByAddresses byAddresses;
  }

  /** By its owner. */
  static final class ByDescriptor {
    @Option(names = "--pid", required = true, paramLabel = "P", description = "A process.")
    private int pid;

    @Option(names = "--fd", required = true, paramLabel = "N", description = "Its descriptor.")
    private int fd;
  }

  /** By its ends. */
  static final class ByAddresses {
    @Option(
        names = "--local",
        required = true,
        paramLabel = "A:P",
        description = "The local end, such as 10.0.0.1:80 or [::1]:80.")
    private String local;

    @Option(names = "--remote", required = true, paramLabel = "A:P", description = "The other end.")
    private String remote;
  }

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    IwarpConnectionDescriptor descriptor = inspect();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(Json.pretty(map(descriptor)));
    } else {
      print(out, descriptor);
    }
    out.flush();
    return ExitCode.OK;
  }

  private IwarpConnectionDescriptor inspect() throws IOException {
    ByDescriptor own = target.byDescriptor;
    if (own != null) {
      return ProcessSockets.create().inspect(own.pid, own.fd);
    }
    ByAddresses ends = target.byAddresses;
    if (ends == null) {
      throw new ParameterException(spec.commandLine(), "name a connection");
    }
    return ProcessSockets.create()
        .inspect(address("--local", ends.local), address("--remote", ends.remote));
  }

  private InetSocketAddress address(String option, String text) {
    try {
      return AddressText.parse(text);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), option + ": " + e.getMessage());
    }
  }

  private static void print(PrintWriter out, IwarpConnectionDescriptor descriptor) {
    Ownership group = null;
    for (FieldKey<?> key : DescriptorFields.all()) {
      if (key.ownership() != group) {
        group = key.ownership();
        out.println((group == Ownership.CONSTANT ? "" : "\n") + title(group));
      }
      Field<?> field = descriptor.get(key);
      out.println(
          "  "
              + pad(key.name(), NAME_COLUMNS)
              + pad(field.isKnown() ? text(field.value()) : "-", VALUE_COLUMNS)
              + pad(origin(field), ORIGIN_COLUMNS)
              + " "
              + field.source());
    }
  }

  private static String title(Ownership group) {
    return switch (group) {
      case CONSTANT -> "constant: fixed when the connection was made";
      case CACHED -> "cached: owned by the host, pushed to the owner of the connection";
      case DELEGATED -> "delegated: owned by whoever owns the connection";
      case IWARP -> "iWARP: what MPA start-up agreed";
      case OPTION -> "options of the socket";
    };
  }

  private static Map<String, Object> map(IwarpConnectionDescriptor descriptor) {
    Map<String, Object> groups = new LinkedHashMap<>();
    for (Ownership group : Ownership.values()) {
      Map<String, Object> fields = new LinkedHashMap<>();
      for (FieldKey<?> key : DescriptorFields.all()) {
        if (key.ownership() == group) {
          fields.put(key.name(), map(descriptor.get(key)));
        }
      }
      groups.put(group.name().toLowerCase(Locale.ROOT), fields);
    }
    return groups;
  }

  private static Map<String, Object> map(Field<?> field) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("origin", origin(field));
    if (field.isKnown()) {
      Object value = field.value();
      map.put("value", value instanceof Number || value instanceof Boolean ? value : text(value));
    }
    map.put("source", field.source());
    return map;
  }

  private static String text(Object value) {
    return switch (value) {
      case InetSocketAddress address -> AddressText.format(address);
      case InetAddress address -> address.getHostAddress();
      case Enum<?> constant -> constant.name().toLowerCase(Locale.ROOT);
      case Octets octets -> octets.toString();
      default -> value.toString();
    };
  }

  private static String origin(Field<?> field) {
    return field.origin().name().toLowerCase(Locale.ROOT);
  }

  private static String pad(String text, int columns) {
    return text.length() >= columns ? text + " " : text + " ".repeat(columns - text.length());
  }
}
