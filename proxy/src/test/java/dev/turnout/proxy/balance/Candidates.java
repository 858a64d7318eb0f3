package dev.turnout.proxy.balance;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.Colour;
import dev.turnout.proxy.backend.Backend;
import java.util.List;
import java.util.stream.IntStream;

/** Immutable. Open backends for tests of balancers. */
final class Candidates {

    private Candidates() {}

    /** One candidate for each weight. */
    static List<Candidate> ofWeights(int... weights) {
        return IntStream.range(0, weights.length)
                .mapToObj(i -> new Candidate(backend(i), weights[i]))
                .toList();
    }

    private static Backend backend(int i) {
        Backend backend = new Backend(Colour.BLUE, new BackendAddress("127.0.0.1", 1000 + i), 1);
        backend.open();
        return backend;
    }
}
