package dev.turnout.proxy.health;

/**
 * Immutable. Decides from a row of probes whether a backend is up. A backend starts down, and its first success ever
 * brings it up at once: there is nothing yet that it could be flapping from.
 *
 * @param rise successes in a row that bring a backend up again
 * @param fall failures in a row that take it down
 */
record HealthJudge(int rise, int fall) {

    /**
     * Immutable. What the judge has to remember of one backend.
     *
     * @param everUp whether a probe has ever succeeded
     * @param against results in a row, up to now, that speak against {@code up}
     */
    record Standing(boolean up, boolean everUp, int against) {
        static final Standing NEW = new Standing(false, false, 0);

        /** Of a backend that counted as up without a probe. */
        static final Standing UP = new Standing(true, true, 0);
    }

    /** How many results in a row against it turn it. */
    int turnsAt(Standing standing) {
        return standing.up() ? fall : standing.everUp() ? rise : 1;
    }

    /** Where a backend stands after one more probe; where it stood if that says nothing. */
    Standing after(Standing before, ProbeResult result) {
        return result.conclusive() ? after(before, result.success()) : before;
    }

    /** The same for one that says something. */
    Standing after(Standing before, boolean success) {
        if (success == before.up()) {
            return new Standing(before.up(), before.everUp(), 0);
        }
        int against = before.against() + 1;
        return against >= turnsAt(before)
                ? new Standing(success, true, 0)
                : new Standing(before.up(), before.everUp(), against);
    }
}
