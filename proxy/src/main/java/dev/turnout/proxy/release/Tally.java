package dev.turnout.proxy.release;

/** Confined to one thread. The attempts of one step at one backend. */
final class Tally {

    private final String backend;
    private final boolean candidate;
    private long requests;

    Tally(String backend, boolean candidate) {
        this.backend = backend;
        this.candidate = candidate;
    }

    String backend() {
        return backend;
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
