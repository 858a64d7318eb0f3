package dev.turnout.proxy.release;

import java.util.SplittableRandom;

/**
 * Confined to one thread. What a judge sees of one simulated release: second by second, requests of each backend and bad first
 * attempts among them. Three judges look at the same stream.
 */
final class Stream {

    /** A judge of some kind. */
    interface Judge {

        void step(long second, double share);

        void requests(long second, int backend, boolean candidate, long count);

        void bad(long second, Signal signal, int backend, boolean candidate, long user);

        /** At the end of each second. */
        void tick(long second);

        boolean isAlarm();
    }

    /** One scenario: what happens in a second of a release. */
    interface Scenario {

        /** The share of the new colour. */
        double share(long second);

        /** Requests of all in a second. */
        double requests(long second);

        /** The probability that a request fails, or is slow. */
        double bad(long second, boolean candidate);

        default Signal signal() {
            return Signal.ERROR;
        }

        default int backends() {
            return 1;
        }

        /** Users who always fail, and send a request each second or so; everybody else is new. */
        default int bots() {
            return 0;
        }

        /** The probability that a backend begins to stand still for a second, in which all its requests are slow. */
        default double pauses() {
            return 0;
        }
    }

    private final Scenario scenario;
    private final long seconds;
    private final SplittableRandom random;
    private final double[] botDraw;

    Stream(Scenario scenario, long seconds, long seed) {
        this.scenario = scenario;
        this.seconds = seconds;
        this.random = new SplittableRandom(seed);
        this.botDraw = new double[scenario.bots()];
        for (int i = 0; i < botDraw.length; i++) {
            botDraw[i] = random.nextDouble();
        }
    }

    /** Plays it until an alarm; the second of the alarm, or -1. Bad attempts of the new colour by then are counted. */
    long play(Judge judge, long[] failedOnCandidate) {
        double share = -1;
        for (long second = 0; second < seconds; second++) {
            double now = scenario.share(second);
            if (now != share) {
                share = now;
                judge.step(second, share);
            }
            play(judge, second, share, failedOnCandidate);
            judge.tick(second);
            if (judge.isAlarm()) {
                return second;
            }
        }
        return -1;
    }

    private void play(Judge judge, long second, double share, long[] failed) {
        int backends = scenario.backends();
        for (int colour = 0; colour < 2; colour++) {
            boolean candidate = colour == 1;
            double rate = scenario.requests(second) * (candidate ? share : 1 - share) / backends;
            for (int i = 0; i < backends; i++) {
                long requests = poisson(rate);
                boolean still = scenario.pauses() > 0 && random.nextDouble() < scenario.pauses();
                for (long n = still ? requests : bads(requests, scenario.bad(second, candidate)); n > 0; n--) {
                    if (judge.isAlarm()) {
                        return;
                    }
                    judge.requests(second, colour * backends + i, candidate, 1);
                    requests--;
                    failed[0] += candidate ? 1 : 0;
                    judge.bad(second, scenario.signal(), colour * backends + i, candidate, random.nextLong() | 1);
                }
                judge.requests(second, colour * backends + i, candidate, requests);
            }
        }
        for (int bot = 0; bot < botDraw.length; bot++) {
            if (random.nextDouble() < BOT_RATE) {
                boolean candidate = botDraw[bot] < share;
                int backend = (candidate ? backends : 0) + random.nextInt(backends);
                judge.requests(second, backend, candidate, 1);
                judge.bad(second, scenario.signal(), backend, candidate, 1000 + bot);
            }
        }
    }

    /** As many as everybody else: 100 requests a second of 2,000 users. */
    private static final double BOT_RATE = 0.05;

    private long bads(long requests, double probability) {
        return Math.min(requests, probability >= 1 ? requests : poisson(requests * probability));
    }

    private long poisson(double mean) {
        if (mean > 30) {
            return Math.max(0, Math.round(mean + Math.sqrt(mean) * gaussian()));
        }
        double limit = Math.exp(-mean);
        double product = random.nextDouble();
        long n = 0;
        while (product > limit) {
            product *= random.nextDouble();
            n++;
        }
        return n;
    }

    private double gaussian() {
        return Math.sqrt(-2 * Math.log(1 - random.nextDouble())) * Math.cos(2 * Math.PI * random.nextDouble());
    }
}
