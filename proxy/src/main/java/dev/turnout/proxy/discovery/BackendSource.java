package dev.turnout.proxy.discovery;

import dev.turnout.proxy.routing.Found;
import dev.turnout.proxy.routing.NameLookups.Lookup;
import java.util.List;
import java.util.Optional;

/**
 * Confined to one event loop, but for {@link #lookup}. Where some backends of a pool come from that are not given one by one: it
 * looks for them again and again until it is closed. Names in the DNS are one; containers with a label would be another.
 */
interface BackendSource extends AutoCloseable {

    /** Who is told, on that event loop. */
    interface Listener {

        /** These are all there are, now. Told each time, whether anything differs or not. */
        void found(List<Found> all);

        /** It was looked for once, whatever came of it; behind the first {@link #found}, if that is what it was. */
        void looked(Result result);
    }

    /** How a look ended. */
    enum Result {
        FOUND,
        /** There are none, it was said. */
        ABSENT,
        /** Nobody said anything that can be used. */
        FAILED
    }

    /** Begins to look; to be called once. */
    void start(Listener listener);

    /** How that goes, on any thread; empty if it was not looked for yet. */
    Optional<Lookup> lookup();

    /** Ends it; nobody is told anything after this. */
    @Override
    void close();
}
