import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.checker.qual.MessageSequenceNumber;
import dev.offramp.checker.qual.STag;
import dev.offramp.checker.qual.SequenceNumber;

class Numbers {
  static final int LOW_24 = 0xFFFFFF;
  static final long LOW_32 = 0xFFFF_FFFFL;

  void takesSequence(@SequenceNumber int value) {}

  void takesTag(@STag int value) {}

  void narrowed(@SequenceNumber int seq, @MessageSequenceNumber int msn, @STag int stag) {
    // :: error: (sequence.narrowed)
    int masked = seq & LOW_24;
    // :: error: (sequence.narrowed)
    int maskedToo = 0xFFFFFF & seq;
    // :: error: (sequence.narrowed)
    short cut = (short) seq;
    // :: error: (sequence.narrowed)
    char cutMsn = (char) msn;
    // :: error: (sequence.narrowed)
    int shifted = seq >>> 8;
    // :: error: (sequence.narrowed)
    int left = seq << 8;
    // :: error: (sequence.narrowed)
    int rest = seq % 65536;
    int key = stag & 0xFF;
    int index = stag >>> 8;
  }

  void mixed(
      @SequenceNumber int seq, @SequenceNumber int other, @MessageSequenceNumber int msn, @STag int stag) {
    // :: error: (numbers.mixed)
    boolean same = seq == stag;
    // :: error: (numbers.mixed)
    int sum = seq + msn;
    // :: error: (sequence.added)
    int twice = seq + other;
    // :: error: (sequence.compared)
    boolean before = seq < other;
    // :: error: (argument)
    takesTag(seq);
    // :: error: (argument)
    takesSequence(stag);
    // :: error: (argument)
    takesSequence(msn + 1);
    // :: error: (sequence.narrowed) :: error: (argument)
    takesSequence(seq & LOW_24);
  }

  void compound(@SequenceNumber int seq, @STag int stag) {
    @SequenceNumber int next = seq;
    next += 5;
    takesSequence(next);
    // :: error: (sequence.narrowed)
    next &= 0xFFFF;
  }

  void descriptor(IwarpConnectionDescriptor descriptor) {
    long next = descriptor.value(DescriptorFields.RCV_NXT);
    takesSequence((int) next);
    // :: error: (sequence.narrowed)
    long psn = next & 0xFF_FFFF;
    long msn = descriptor.value(DescriptorFields.SEND_MSN);
    // :: error: (numbers.mixed)
    boolean same = msn == next;
    // :: error: (argument)
    takesSequence((int) msn);
  }

  void honest(@SequenceNumber int seq, @SequenceNumber int other, @MessageSequenceNumber int msn) {
    takesSequence(seq + 100);
    takesSequence(100 + seq);
    takesSequence(seq - 1);
    int distance = seq - other;
    boolean before = distance < 0;
    boolean equal = seq == other;
    long wide = seq & LOW_32;
    takesSequence((int) wide);
    long word = (wide << 32) | 5;
    int count = distance >>> 3;
    takesTag(17);
    takesSequence(0);
  }
}
