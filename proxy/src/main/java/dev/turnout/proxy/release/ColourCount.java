package dev.turnout.proxy.release;

/** Confined to one thread. First attempts of one colour in a step, and in the ten seconds in hand. */
final class ColourCount {

    static final long BLOCK_MILLIS = 10_000;

    private long requests;
    private long errors;
    private long block = Long.MIN_VALUE;
    private long requestsInBlock;
    private long errorsInBlock;

    void requests(long nowMillis, long count) {
        at(nowMillis);
        requests += count;
        requestsInBlock += count;
    }

    void error(long nowMillis) {
        at(nowMillis);
        errors++;
        errorsInBlock++;
    }

    private void at(long nowMillis) {
        long now = Math.floorDiv(nowMillis, BLOCK_MILLIS);
        if (now != block) {
            block = now;
            requestsInBlock = 0;
            errorsInBlock = 0;
        }
    }

    void restart() {
        requests = 0;
        errors = 0;
        requestsInBlock = 0;
        errorsInBlock = 0;
    }

    long requests() {
        return requests;
    }

    long errors() {
        return errors;
    }

    long block() {
        return block;
    }

    long requestsInBlock() {
        return requestsInBlock;
    }

    long errorsInBlock() {
        return errorsInBlock;
    }

    double rate() {
        return requests == 0 ? 0 : Math.min(1, (double) errors / requests);
    }
}
