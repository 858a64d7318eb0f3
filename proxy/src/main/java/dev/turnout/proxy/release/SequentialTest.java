package dev.turnout.proxy.release;

/**
 * Confined to one thread. Evidence that the new colour has more than the tolerated ratio of bad attempts: a likelihood ratio
 * on the colour of each, mixed over how much worse it may be and over when it may have become so. At a ratio up to the
 * tolerated one it is a non-negative supermartingale that starts at 1, so that by Ville's inequality it ever reaches 1/alpha
 * with a probability of at most alpha, however often it is looked at. Lindon, Sanden, Shirikian, KDD 2022, arXiv 2205.14762;
 * Lindon, Malek, NeurIPS 2022, arXiv 2011.03567.
 */
final class SequentialTest {

    /** How many times worse than tolerated it may be. */
    private static final double[] WORSE = {1.25, 1.5, 2, 3, 5, 10, 30, 100};

    /** When it may have become worse: at the beginning, and at the beginning of each of these. */
    private static final long BLOCK_MILLIS = 600_000;

    private static final int BLOCKS = 100;
    /** The weight of the first block; all others share the rest. */
    private static final double FIRST = 0.5;

    private final double tolerated;
    private final double[][] logs = new double[BLOCKS][];
    private final long begunAt;
    private int begun;

    SequentialTest(double tolerated, long nowMillis) {
        this.tolerated = tolerated;
        this.begunAt = nowMillis;
        begin(nowMillis);
    }

    private void begin(long nowMillis) {
        long blocks = Math.min(BLOCKS, 1 + Math.max(0, nowMillis - begunAt) / BLOCK_MILLIS);
        while (begun < blocks) {
            logs[begun++] = new double[WORSE.length];
        }
    }

    /**
     * A bad attempt.
     *
     * @param share of the new colour among the attempts that could have been it
     */
    void bad(long nowMillis, boolean candidate, double share) {
        begin(nowMillis);
        if (!(share > 0 && share < 1)) {
            // It could only have been this colour, which tells nothing.
            return;
        }
        double expected = probability(share, tolerated);
        for (int i = 0; i < WORSE.length; i++) {
            double worse = probability(share, tolerated * WORSE[i]);
            double step = candidate ? Math.log(worse / expected) : Math.log((1 - worse) / (1 - expected));
            for (int block = 0; block < begun; block++) {
                logs[block][i] += step;
            }
        }
    }

    /** That a bad attempt is the new colour's, where it has that many times the bad attempts of the old one. */
    static double probability(double share, double ratio) {
        return share * ratio / (share * ratio + 1 - share);
    }

    /** The natural logarithm of the evidence. */
    double logEvidence() {
        double most = 0;
        for (int block = 0; block < begun; block++) {
            for (double log : logs[block]) {
                most = Math.max(most, log);
            }
        }
        double sum = unbegun() * Math.exp(-most);
        for (int block = 0; block < begun; block++) {
            double mean = 0;
            for (double log : logs[block]) {
                mean += Math.exp(log - most) / WORSE.length;
            }
            sum += weight(block) * mean;
        }
        return most + Math.log(sum);
    }

    private static double weight(int block) {
        return block == 0 ? FIRST : (1 - FIRST) / ((double) block * (block + 1));
    }

    /** What the blocks that have not begun weigh; their evidence is 1. */
    private double unbegun() {
        return (1 - FIRST) / begun;
    }
}
