package dev.turnout.proxy.release;

/** Confined to one thread. Ours, and two that others use, as {@link Stream} asks them. */
final class Judges {

    private Judges() {}

    /** The one that is shipped, with its defaults. */
    static final class Ours implements Stream.Judge {

        private final CanaryJudge judge = new CanaryJudge(JudgeSettings.defaults());
        private final String[] names = {"a", "b", "c", "d", "e", "f"};

        @Override
        public void step(long second, double share) {
            judge.beginStep(second * 1000, share);
        }

        @Override
        public void requests(long second, int backend, boolean candidate, long count) {
            judge.requests(second * 1000, names[backend], candidate, count);
        }

        @Override
        public void bad(long second, Signal signal, int backend, boolean candidate, long user) {
            judge.bad(second * 1000, signal, names[backend], candidate, user, "GET /");
        }

        @Override
        public void tick(long second) {}

        @Override
        public boolean isAlarm() {
            return judge.isAlarm();
        }
    }

    /** Counts of both colours, looked at once a minute. */
    private abstract static class EachMinute implements Stream.Judge {

        final long[] requests = new long[2];
        final long[] bads = new long[2];
        boolean alarm;

        @Override
        public void step(long second, double share) {}

        @Override
        public void requests(long second, int backend, boolean candidate, long count) {
            requests[candidate ? 1 : 0] += count;
        }

        @Override
        public void bad(long second, Signal signal, int backend, boolean candidate, long user) {
            bads[candidate ? 1 : 0]++;
        }

        @Override
        public void tick(long second) {
            if (second % 60 == 59) {
                minute();
            }
        }

        abstract void minute();

        @Override
        public boolean isAlarm() {
            return alarm;
        }
    }

    /** Flagger's example: a success rate of 99 % in each minute, ten failed checks end it, no data is a failed check. */
    static final class FixedThreshold extends EachMinute {

        private int failedChecks;

        @Override
        void minute() {
            failedChecks += requests[1] == 0 || bads[1] > 0.01 * requests[1] ? 1 : 0;
            requests[1] = 0;
            bads[1] = 0;
            alarm |= failedChecks >= 10;
        }
    }

    /** A test of two proportions over all so far, one-sided at 1 %, each minute. */
    static final class ZEachMinute extends EachMinute {

        private static final double LIMIT = 2.326;

        @Override
        void minute() {
            double all = requests[0] + requests[1];
            double pooled = (bads[0] + bads[1]) / all;
            double spread = Math.sqrt(pooled * (1 - pooled) * (1.0 / requests[0] + 1.0 / requests[1]));
            if (requests[0] > 0 && requests[1] > 0 && spread > 0) {
                double difference = (double) bads[1] / requests[1] - (double) bads[0] / requests[0];
                alarm |= difference / spread > LIMIT;
            }
        }
    }
}
