package dev.turnout.proxy.http;

import java.util.Arrays;

/**
 * Confined to one event loop. Where each field of a head stands in the head's bytes, which field it is, and whether it is
 * still to be sent. One int array, so that reading a head allocates nothing.
 */
final class FieldIndex {

    private static final int STRIDE = 5;
    private static final int NAME_END = 1;
    private static final int VALUE_START = 2;
    private static final int VALUE_END = 3;
    /** The index of the FieldName, and the flags. */
    private static final int INFO = 4;

    private static final int INDEX = 0xff;
    /** The line reads exactly {@code Name: value CR LF} and may be copied as it stands. */
    private static final int CANONICAL = 0x100;
    /** Dropped by an edit, which can be undone. */
    private static final int DROPPED = 0x200;
    /** Dropped while the head was read, for good. */
    private static final int GONE = 0x400;

    private static final int FEW = 32;

    private int[] slots = new int[FEW * STRIDE];
    private final int[] first = new int[FieldName.values().length];
    private int count;
    private long seen;
    private long repeated;

    private int readCount;
    private long readSeen;
    private long readRepeated;

    void reset() {
        count = 0;
        seen = 0;
        repeated = 0;
        readCount = 0;
        readSeen = 0;
        readRepeated = 0;
        if (slots.length > 4 * FEW * STRIDE) {
            slots = new int[FEW * STRIDE];
        }
    }

    void add(FieldName name, int nameStart, int nameEnd, int valueStart, int valueEnd, boolean canonical) {
        int at = count * STRIDE;
        if (at == slots.length) {
            slots = Arrays.copyOf(slots, 2 * at);
        }
        int[] s = slots;
        s[at] = nameStart;
        s[at + NAME_END] = nameEnd;
        s[at + VALUE_START] = valueStart;
        s[at + VALUE_END] = valueEnd;
        int index = name.index();
        s[at + INFO] = canonical ? index | CANONICAL : index;
        long bit = 1L << index;
        if ((seen & bit) == 0) {
            seen |= bit;
            first[index] = count;
        } else {
            repeated |= bit;
        }
        count++;
    }

    /** Reading is over: what is added or dropped from now on is an edit. */
    void endOfReading() {
        for (int at = INFO; at < count * STRIDE; at += STRIDE) {
            if ((slots[at] & DROPPED) != 0) {
                slots[at] |= GONE;
            }
        }
        readCount = count;
        readSeen = seen;
        readRepeated = repeated;
    }

    void undoEdits() {
        count = readCount;
        seen = readSeen;
        repeated = readRepeated;
        for (int at = INFO; at < count * STRIDE; at += STRIDE) {
            slots[at] &= ~DROPPED;
        }
    }

    int count() {
        return count;
    }

    /** Whether any name of this set of bits has ever been added. */
    boolean sawAny(long names) {
        return (seen & names) != 0;
    }

    boolean saw(FieldName name) {
        return (seen & name.bit()) != 0;
    }

    boolean sawTwice(FieldName name) {
        return (repeated & name.bit()) != 0;
    }

    int find(FieldName name) {
        if ((seen & name.bit()) == 0) {
            return -1;
        }
        return scan(name, first[name.index()]);
    }

    int findNext(FieldName name, int after) {
        return (repeated & name.bit()) == 0 ? -1 : scan(name, after + 1);
    }

    private int scan(FieldName name, int from) {
        for (int i = from; i < count; i++) {
            int info = slots[i * STRIDE + INFO];
            if ((info & INDEX) == name.index() && (info & (DROPPED | GONE)) == 0) {
                return i;
            }
        }
        return -1;
    }

    void drop(int i) {
        slots[i * STRIDE + INFO] |= DROPPED;
    }

    void dropAll(FieldName name) {
        for (int i = find(name); i >= 0; i = findNext(name, i)) {
            drop(i);
        }
    }

    boolean isDropped(int i) {
        return (slots[i * STRIDE + INFO] & (DROPPED | GONE)) != 0;
    }

    boolean isCanonical(int i) {
        return (slots[i * STRIDE + INFO] & CANONICAL) != 0;
    }

    FieldName name(int i) {
        return FieldName.of(slots[i * STRIDE + INFO] & INDEX);
    }

    int nameStart(int i) {
        return slots[i * STRIDE];
    }

    int nameEnd(int i) {
        return slots[i * STRIDE + NAME_END];
    }

    int valueStart(int i) {
        return slots[i * STRIDE + VALUE_START];
    }

    int valueEnd(int i) {
        return slots[i * STRIDE + VALUE_END];
    }
}
