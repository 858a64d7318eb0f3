package dev.turnout.proxy.control;

import java.nio.file.Path;

/** Immutable. A process that saves one revision after the other until it is killed, and says which are saved. */
final class SavingLoop {

    private SavingLoop() {}

    /** @param args the state file */
    public static void main(String[] args) throws Exception {
        try (StateStore store = new StateStore(Path.of(args[0]))) {
            long revision = store.load().state().map(SavedState::revision).orElse(0L);
            for (; ; ) {
                revision++;
                store.save(States.ofRevision(revision));
                System.out.println(revision);
            }
        }
    }
}
