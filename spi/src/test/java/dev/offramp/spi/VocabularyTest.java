package dev.offramp.spi;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * No word of another transport's connection manager in any name or text that the API and the SPI
 * are compiled to. A net with wide meshes: what a driver does is judged by behaviour, elsewhere.
 */
final class VocabularyTest {
  private static final Pattern NOT_LETTERS = Pattern.compile("[^A-Za-z0-9]+");
  private static final Pattern CAMEL =
      Pattern.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])");

  /** One token, or several in a row, that condemn a name by themselves. */
  private static final Set<String> STRONG =
      Set.of(
          "infiniband",
          "infini band",
          "ib",
          "ibcm",
          "ibv",
          "ibta",
          "rdmacm",
          "rdma cm",
          "umad",
          "sidr",
          "mad",
          "pkey",
          "p key",
          "qkey",
          "q key",
          "lkey",
          "rkey",
          "l key",
          "r key",
          "dlid",
          "slid",
          "lid",
          "mlid",
          "mgid",
          "gid",
          "dgid",
          "sgid",
          "grh",
          "guid",
          "psn",
          "qpn",
          "qp",
          "rnr",
          "srq",
          "roce",
          "initiator depth",
          "responder resources",
          "path rec",
          "path record",
          "comm id",
          "local comm",
          "remote comm",
          "ca guid",
          "starting psn",
          "timewait exit",
          "service id",
          "queue pair",
          "port space",
          "retry count",
          "lap",
          "apr",
          "mra",
          "dreq",
          "drep",
          "rtu",
          "ah attr",
          "sl",
          "icrc",
          "path migration",
          "alt path",
          "ack delay");

  private static List<String> tokens(String text) {
    return NOT_LETTERS
        .splitAsStream(text)
        .flatMap(CAMEL::splitAsStream)
        .filter(token -> !token.isEmpty())
        .map(token -> token.toLowerCase(Locale.ROOT))
        .toList();
  }

  private static Set<String> condemned(String text) {
    List<String> tokens = tokens(text);
    Set<String> found = new TreeSet<>();
    for (int i = 0; i < tokens.size(); i++) {
      if (STRONG.contains(tokens.get(i))) {
        found.add(tokens.get(i));
      }
      if (i > 0 && STRONG.contains(tokens.get(i - 1) + " " + tokens.get(i))) {
        found.add(tokens.get(i - 1) + " " + tokens.get(i));
      }
    }
    return found;
  }

  /** Names, descriptors and texts: all that a class file says in letters. */
  private static List<String> texts(JavaClass type) {
    List<String> texts = new ArrayList<>();
    for (PoolEntry entry : ClassFile.of().parse(bytes(type)).constantPool()) {
      if (entry instanceof Utf8Entry utf8) {
        texts.add(utf8.stringValue());
      }
    }
    return texts;
  }

  private static byte[] bytes(JavaClass type) {
    try (InputStream in = type.getSource().orElseThrow().getUri().toURL().openStream()) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(type.getName(), e);
    }
  }

  @Test
  void namesAndTextsAreOfTcpAndIwarp() {
    JavaClasses types =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.offramp.api", "dev.offramp.spi");
    Map<String, Set<String>> found = new TreeMap<>();
    int texts = 0;
    for (JavaClass type : types) {
      for (String text : texts(type)) {
        texts++;
        Set<String> words = condemned(text);
        if (!words.isEmpty()) {
          found.put(type.getSimpleName() + ": " + text, words);
        }
      }
    }
    assertThat(types).hasSizeGreaterThan(100);
    assertThat(texts).isGreaterThan(3000);
    assertThat(found).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "initiatorDepth",
        "responder_resources",
        "getPKey",
        "P_KEY",
        "setQpn",
        "remoteQPN",
        "ib_cm_req",
        "InfiniBand",
        "IBPort",
        "destLid",
        "pathRec",
        "RNRRetry",
        "the starting PSN is",
        "rdma_cm"
      })
  void theNetCatches(String name) {
    assertThat(condemned(name)).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"validKey", "slide", "initiator", "responder", "library", "madeOf", "receiveMsn"})
  void theNetLetsThrough(String name) {
    assertThat(condemned(name)).isEmpty();
  }
}
