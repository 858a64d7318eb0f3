package dev.turnout.proxy.release;

/** Confined to one thread. First attempts of one colour, in a step or in some part of it. */
final class ColourCount {

    private long requests;
    private long errors;

    void requests(long count) {
        requests += count;
    }

    void error() {
        errors++;
    }

    void restart() {
        requests = 0;
        errors = 0;
    }

    long requests() {
        return requests;
    }

    long errors() {
        return errors;
    }

    double rate() {
        return requests == 0 ? 0 : Math.min(1, (double) errors / requests);
    }
}
