package dev.turnout.proxy.balance;

import dev.turnout.config.HashSettings;
import dev.turnout.proxy.backend.Backend;
import dev.turnout.proxy.request.KeyHash;
import dev.turnout.proxy.request.RequestHead;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Thread-safe: holds nothing that changes. The consistent hashing of Maglev (Eisenbud et al., NSDI 2016, section 3.4): a
 * table of backends, filled by each in turn with the next free slot of its own permutation; the key of a request says which
 * slot. Backends are known by their addresses alone, so every instance makes the same table. A request without the key is
 * sent by weight and chance.
 */
final class Maglev implements Balancer {

    private final HashSettings.Key on;
    /** Of the field in lower case, or of the cookie. */
    private final String name;
    /** In the order of their addresses. */
    private final Backend[] backends;
    /** Which backend each slot belongs to. */
    private final int[] table;

    private final Balancer keyless;

    /** @param random thread-safe; a number of 0 until below its argument */
    Maglev(HashSettings settings, List<Candidate> candidates, IntUnaryOperator random) {
        List<Candidate> sorted = candidates.stream()
                .sorted(Comparator.comparing(Maglev::identity))
                .toList();
        this.on = settings.on();
        this.name = on == HashSettings.Key.HEADER ? settings.name().toLowerCase(Locale.ROOT) : settings.name();
        this.backends = sorted.stream().map(Candidate::backend).toArray(Backend[]::new);
        this.table = sorted.isEmpty() ? new int[0] : table(sorted, settings.tableSize());
        this.keyless = new WeightedRandom(candidates, random);
    }

    @Override
    public @Nullable Backend pick(RequestHead request, @Nullable Backend tried) {
        if (backends.length < 2) {
            return backends.length == 0 ? null : backends[0];
        }
        long key = key(request);
        if (key == KeyHash.NONE) {
            return keyless.pick(request, tried);
        }
        int slot = (int) Long.remainderUnsigned(key, table.length);
        Backend picked = backends[table[slot]];
        // The neighbours of a backend's slots are all the others: when it fails they share what it had.
        for (int i = 1; picked == tried && i < table.length; i++) {
            picked = backends[table[(slot + i) % table.length]];
        }
        return picked == tried ? keyless.pick(request, tried) : picked;
    }

    private long key(RequestHead request) {
        return switch (on) {
            case CLIENT_ADDRESS -> request.clientHash();
            case HEADER -> request.fieldHash(name);
            case COOKIE -> request.cookieHash(name);
            case PATH -> request.pathHash();
        };
    }

    private static String identity(Candidate candidate) {
        return candidate.backend().address().toString();
    }

    /**
     * The paper gives each backend one turn a round. Here one of the largest weight has a turn each round, others in
     * proportion; all have one in the first, so that nobody is left out of a table that is large enough.
     */
    static int[] table(List<Candidate> candidates, int size) {
        int count = candidates.size();
        int[] next = new int[count];
        int[] skip = new int[count];
        int largest = 0;
        for (int i = 0; i < count; i++) {
            long hash = KeyHash.of(identity(candidates.get(i)));
            next[i] = (int) Long.remainderUnsigned(hash, size);
            skip[i] = (int) Long.remainderUnsigned(KeyHash.mixed(~hash), size - 1) + 1;
            largest = Math.max(largest, candidates.get(i).weight());
        }
        int[] table = new int[size];
        Arrays.fill(table, -1);
        long[] due = new long[count];
        int filled = 0;
        for (long round = 1; ; round++) {
            for (int i = 0; i < count; i++) {
                if (round * candidates.get(i).weight() < due[i]) {
                    continue;
                }
                due[i] += largest;
                int at = next[i];
                while (table[at] >= 0) {
                    at = after(at, skip[i], size);
                }
                table[at] = i;
                next[i] = after(at, skip[i], size);
                filled++;
                if (filled == size) {
                    return table;
                }
            }
        }
    }

    /** A step of a permutation: as the size is prime, any step comes by every slot. */
    private static int after(int at, int skip, int size) {
        int next = at + skip;
        return next >= size ? next - size : next;
    }
}
