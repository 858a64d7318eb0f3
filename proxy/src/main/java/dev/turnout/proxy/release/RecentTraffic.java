package dev.turnout.proxy.release;

import dev.turnout.config.Colour;
import dev.turnout.proxy.release.Evidence.Answers;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;

/**
 * Confined to the control thread. What both colours were like in the last minutes, so that a release can be measured by what
 * was before it.
 */
public final class RecentTraffic {

    /** How often to {@link #sample}. */
    public static final Duration INTERVAL = Duration.ofSeconds(10);

    /** What is kept: five minutes. */
    private static final int SAMPLES = 30;
    /** Fewer do not tell what 99 of 100 keep to. */
    static final long ENOUGH = 200;

    private final Evidence evidence;
    private final Map<Colour, Deque<Answers>> samples = new EnumMap<>(Colour.class);

    public RecentTraffic(Evidence evidence) {
        this.evidence = evidence;
        for (Colour colour : Colour.values()) {
            samples.put(colour, new ArrayDeque<>());
        }
        sample();
    }

    /** Notes how far the counters are. */
    public void sample() {
        samples.forEach((colour, kept) -> {
            kept.addLast(evidence.answers(colour));
            if (kept.size() > SAMPLES) {
                kept.removeFirst();
            }
        });
    }

    /** What that colour was like since the oldest sample. */
    public Baseline of(Colour colour) {
        Answers now = evidence.answers(colour);
        Deque<Answers> kept = samples.getOrDefault(colour, new ArrayDeque<>());
        Answers then = kept.isEmpty() ? now : kept.getFirst();
        long[] times = new long[HeadTimes.COUNT];
        long heads = 0;
        for (int i = 0; i < times.length; i++) {
            times[i] = now.headTimes().get(i) - then.headTimes().get(i);
            heads += times[i];
        }
        return new Baseline(
                now.requests() - then.requests(),
                Math.min(now.errors() - then.errors(), now.requests() - then.requests()),
                heads < ENOUGH ? 0 : p99(times, heads));
    }

    private static long p99(long[] times, long heads) {
        long above = heads / 100;
        int index = times.length - 1;
        long seen = times[index];
        while (index > 0 && seen <= above) {
            index--;
            seen += times[index];
        }
        return HeadTimes.endOf(index);
    }
}
