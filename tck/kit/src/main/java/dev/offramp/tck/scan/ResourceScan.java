package dev.offramp.tck.scan;

import dev.offramp.tck.rule.NamingRules;
import dev.offramp.tck.rule.PortRules;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** What else is in the jar: native code, packed archives, hidden classes, texts. */
final class ResourceScan {
  private static final int CLASS_MAGIC = 0xCAFEBABE;
  private static final int ZIP_MAGIC = 0x504B0304;
  private static final int MAX_TEXT_BYTES = 1 << 20;
  private static final String MANIFEST = "META-INF/MANIFEST.MF";

  private final ScanResult result = new ScanResult();

  private ResourceScan() {}

  static ScanResult of(JarContents jar) {
    ResourceScan scan = new ResourceScan();
    jar.resources().forEach(scan::scan);
    jar.unreadable()
        .forEach(name -> scan.result.breach(PortRules.P11, "a class that is none: " + name));
    return scan.result;
  }

  private void scan(String name, byte[] bytes) {
    int magic = bytes.length >= Integer.BYTES ? ByteBuffer.wrap(bytes).getInt(0) : 0;
    if (Elf.isOne(bytes)) {
      elf(name, Elf.read(bytes));
    } else if (isOtherNative(magic)) {
      result.breach(PortRules.P01, "the jar has the native file [%s]".formatted(name));
    } else if (magic == CLASS_MAGIC) {
      result.breach(PortRules.P11, "[%s] is a class under another name".formatted(name));
    } else if (magic == ZIP_MAGIC) {
      result.breach(
          PortRules.P11, "[%s] is an archive in the jar, and nobody has read it".formatted(name));
    } else if (bytes.length <= MAX_TEXT_BYTES) {
      text(bytes).ifPresent(text -> text(name, text));
    }
  }

  private void elf(String name, Elf elf) {
    result.breach(
        PortRules.P01,
        "the jar has the native library [%s], which needs %s%s"
            .formatted(
                name, elf.needed(), elf.problem().isEmpty() ? "" : " (" + elf.problem() + ")"));
    elf.needed().forEach(library -> symbol(name, "needs", library));
    elf.symbols().forEach(symbol -> symbol(name, "has the symbol", symbol));
  }

  private void symbol(String file, String verb, String symbol) {
    NativeNames.symbol(symbol)
        .ifPresent(why ->
            result.breach(NamingRules.L67, "[%s] %s [%s]: %s".formatted(file, verb, symbol, why)));
  }

  /** PE, and Mach-O in both byte orders and widths. */
  private static boolean isOtherNative(int magic) {
    return magic >>> 16 == 0x4D5A
        || magic == 0xFEEDFACE
        || magic == 0xFEEDFACF
        || magic == 0xCEFAEDFE
        || magic == 0xCFFAEDFE;
  }

  private void text(String name, String text) {
    if (name.equals(MANIFEST) && text.contains("Enable-Native-Access")) {
      result.breach(PortRules.P01, "the manifest has Enable-Native-Access");
    }
    for (String line : text.lines().toList()) {
      for (Lexicon.Hit hit : Lexicon.strong(line)) {
        result.breach(
            NamingRules.L70,
            "the file [%s] has [%s], a sign of %s".formatted(name, hit.words(), hit.leak()));
      }
    }
  }

  private static Optional<String> text(byte[] bytes) {
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }
}
