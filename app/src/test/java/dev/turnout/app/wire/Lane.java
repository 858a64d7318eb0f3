package dev.turnout.app.wire;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Immutable. A proxy's port with a backend of its own behind it: one case at a time is played on it.
 *
 * @param patienceMillis how long nothing may come before nothing more is expected; long for Turnout, of which is known what
 *     must come, short for the others, of which it is not
 */
record Lane(int port, ScriptedBackend backend, int patienceMillis) {

    /** Plays cases on lanes, each lane one at a time, and returns what came of each. */
    static Map<String, Observed> playAll(List<WireCase> cases, List<Lane> lanes, WireRun.Split split) {
        BlockingQueue<Lane> free = new ArrayBlockingQueue<>(lanes.size(), false, lanes);
        ExecutorService players = Executors.newFixedThreadPool(lanes.size());
        try {
            List<Future<Observed>> futures = new ArrayList<>();
            for (WireCase each : cases) {
                futures.add(players.submit((Callable<Observed>) () -> play(each, free, split)));
            }
            Map<String, Observed> observed = new TreeMap<>();
            for (int i = 0; i < cases.size(); i++) {
                observed.put(cases.get(i).id(), futures.get(i).get());
            }
            return Collections.unmodifiableMap(observed);
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            players.shutdownNow();
        }
    }

    private static Observed play(WireCase each, BlockingQueue<Lane> free, WireRun.Split split)
            throws IOException, InterruptedException {
        Lane lane = free.take();
        try {
            return WireRun.play(each, lane, split);
        } finally {
            free.put(lane);
        }
    }
}
