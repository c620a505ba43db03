package dev.offramp.tck.run;

import dev.offramp.spi.Device;
import dev.offramp.tck.scan.JarContents;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.IntegerEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.instruction.ConstantInstruction;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Devices that a driver might serve although the kit has no model of them: every pair of numbers in
 * the jar's code that could be a vendor and a device.
 */
final class UnknownDevices {
  private static final int MAX_ID = 0xFFFF;
  private static final int MAX_NUMBERS = 400;

  private UnknownDevices() {}

  static List<Device> of(JarContents jar) {
    TreeSet<Integer> numbers = new TreeSet<>();
    for (ClassModel type : jar.classes().values()) {
      for (PoolEntry entry : type.constantPool()) {
        if (entry instanceof IntegerEntry number) {
          add(numbers, number.intValue());
        }
      }
      for (MethodModel method : type.methods()) {
        method
            .code()
            .ifPresent(code -> {
              for (CodeElement element : code) {
                if (element instanceof ConstantInstruction constant
                    && constant.constantValue() instanceof Integer number) {
                  add(numbers, number);
                }
              }
            });
      }
    }
    List<Integer> vendors = numbers.stream().limit(MAX_NUMBERS).toList();
    List<Integer> devices = new ArrayList<>(vendors);
    devices.add(1);
    List<Device> all = new ArrayList<>();
    for (int vendor : vendors) {
      for (int device : devices) {
        all.add(
            new Device(
                "unknown-%04x-%04x".formatted(vendor, device),
                Device.Kind.ADAPTER,
                vendor,
                device));
      }
    }
    return all;
  }

  private static void add(Set<Integer> numbers, int number) {
    if (number > 0xFF && number <= MAX_ID) {
      numbers.add(number);
    }
  }
}
