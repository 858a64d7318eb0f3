package dev.turnout.proxy.release;

/** Confined to one thread. The attempts of one step at one backend. */
final class Tally {

    private final boolean candidate;
    private long requests;

    Tally(boolean candidate) {
        this.candidate = candidate;
    }

    boolean isCandidate() {
        return candidate;
    }

    long requests() {
        return requests;
    }

    void add(long more) {
        requests += more;
    }

    void restart() {
        requests = 0;
    }
}
