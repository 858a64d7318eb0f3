package dev.turnout.proxy.release;

/** Immutable. The upper tail of the binomial distribution, bounded from above. */
final class Chance {

    private Chance() {}

    /** At most the probability of {@code hits} or more of {@code tries}: Chernoff's bound, exact enough for what is rare. */
    static double ofAtLeast(long hits, long tries, double probability) {
        double share = Math.min(1, (double) hits / tries);
        if (share <= probability) {
            return 1;
        }
        if (tries <= EXACT) {
            return exact((int) Math.min(hits, tries), (int) tries, probability);
        }
        double divergence = share * Math.log(share / probability);
        if (share < 1) {
            divergence += (1 - share) * Math.log((1 - share) / (1 - probability));
        }
        return Math.exp(-tries * divergence);
    }

    private static final int EXACT = 60;

    private static double exact(int hits, int tries, double probability) {
        double sum = 0;
        for (int k = hits; k <= tries; k++) {
            double log = (tries - k) * Math.log1p(-probability) + k * Math.log(probability);
            for (int i = 1; i <= k; i++) {
                log += Math.log((double) (tries - k + i) / i);
            }
            sum += Math.exp(log);
        }
        return sum;
    }
}
