package dev.turnout.admin;

import java.util.concurrent.CompletableFuture;

/**
 * Confined to one event loop. Bounds the requests that wait for something to happen, so that they leave connections for
 * probes and commands.
 */
final class WaitingRoom {

    private final int seats;
    private int taken;

    WaitingRoom(int seats) {
        this.seats = seats;
    }

    /** Whether {@link #enter} would refuse. */
    boolean isFull() {
        return taken >= seats;
    }

    /** Takes a seat until {@link #leaveWhen}. */
    void enter() throws Problem {
        if (isFull()) {
            throw new Problem(ProblemType.TOO_MANY_WAITING, seats + " requests are waiting already")
                    .with("Retry-After", "5");
        }
        taken++;
    }

    /** Gives the seat back when the wait is over, however it ends. */
    <T> CompletableFuture<T> leaveWhen(CompletableFuture<T> over) {
        return over.whenComplete((value, failure) -> taken--);
    }
}
