package dev.offramp.tck.scan;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What an ELF file needs and names: the entries of {@code .dynsym} and {@code DT_NEEDED}, by way of
 * its section headers. Either class, either byte order (System V ABI, chapters 4 and 5). Whatever
 * the file holds, reading it ends.
 *
 * @param needed libraries that it is linked with
 * @param symbols dynamic symbols, defined and undefined
 * @param problem why it could not be read to its end; empty when it could
 */
record Elf(List<String> needed, List<String> symbols, String problem) {
  private static final int MAGIC = 0x7F454C46;
  private static final int CLASS_64 = 2;
  private static final int BIG_ENDIAN = 2;
  private static final int TYPE_DYNAMIC = 6;
  private static final int TYPE_DYNSYM = 11;
  private static final int TAG_NEEDED = 1;
  private static final int MAX_ENTRIES = 200_000;
  private static final int MAX_NAME = 4096;

  Elf {
    needed = List.copyOf(needed);
    symbols = List.copyOf(symbols);
  }

  /** Whether a file begins like one. */
  static boolean isOne(byte[] file) {
    return file.length >= 4 && ByteBuffer.wrap(file).getInt(0) == MAGIC;
  }

  static Elf read(byte[] file) {
    List<String> needed = new ArrayList<>();
    List<String> symbols = new ArrayList<>();
    try {
      new Reader(file).read(needed, symbols);
      return new Elf(needed, symbols, "");
    } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
      return new Elf(needed, symbols, "cut or wrong: " + e);
    }
  }

  /** A section's header: what is used of it. */
  private record Section(int type, long offset, long size, int link) {}

  private static final class Reader {
    private final ByteBuffer in;
    private final boolean is64;

    Reader(byte[] file) {
      is64 = file[4] == CLASS_64;
      in =
          ByteBuffer.wrap(file)
              .order(file[5] == BIG_ENDIAN ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    }

    void read(List<String> needed, List<String> symbols) {
      long table = word(is64 ? 0x28 : 0x20);
      int entry = Short.toUnsignedInt(in.getShort(is64 ? 0x3A : 0x2E));
      int count = Short.toUnsignedInt(in.getShort(is64 ? 0x3C : 0x30));
      List<Section> sections = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        sections.add(section(Math.addExact(index(table), Math.multiplyExact(i, entry))));
      }
      for (Section section : sections) {
        if (section.type() == TYPE_DYNSYM) {
          symbols(section, sections.get(section.link()), symbols);
        } else if (section.type() == TYPE_DYNAMIC) {
          needed(section, sections.get(section.link()), needed);
        }
      }
    }

    private Section section(int at) {
      return is64
          ? new Section(
              in.getInt(at + 4), in.getLong(at + 0x18), in.getLong(at + 0x20), in.getInt(at + 0x28))
          : new Section(
              in.getInt(at + 4),
              Integer.toUnsignedLong(in.getInt(at + 0x10)),
              Integer.toUnsignedLong(in.getInt(at + 0x14)),
              in.getInt(at + 0x18));
    }

    private void symbols(Section table, Section names, List<String> into) {
      int step = is64 ? 24 : 16;
      for (long at = table.offset(); at + step <= end(table) && into.size() < MAX_ENTRIES; ) {
        String name = name(names, Integer.toUnsignedLong(in.getInt(index(at))));
        if (!name.isEmpty()) {
          into.add(name);
        }
        at += step;
      }
    }

    private void needed(Section table, Section names, List<String> into) {
      int step = is64 ? 16 : 8;
      for (long at = table.offset(); at + step <= end(table) && into.size() < MAX_ENTRIES; ) {
        if (word(index(at)) == TAG_NEEDED) {
          into.add(name(names, word(index(at) + step / 2)));
        }
        at += step;
      }
    }

    private String name(Section names, long offset) {
      int start = index(Math.addExact(names.offset(), offset));
      int end = start;
      while (in.get(end) != 0 && end - start < MAX_NAME) {
        end++;
      }
      return new String(in.array(), start, end - start, StandardCharsets.ISO_8859_1);
    }

    /** A section may not be longer than the file. */
    private long end(Section section) {
      return Math.min(in.limit(), Math.addExact(section.offset(), section.size()));
    }

    private long word(int at) {
      return is64 ? in.getLong(at) : Integer.toUnsignedLong(in.getInt(at));
    }

    private int index(long offset) {
      if (offset < 0 || offset > in.limit()) {
        throw new IndexOutOfBoundsException("offset " + offset + " of " + in.limit());
      }
      return (int) offset;
    }
  }
}
