package dev.turnout.app;

import static dev.turnout.app.fixture.RunningProxy.proxy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.turnout.app.fixture.Answer;
import dev.turnout.app.fixture.RawClient;
import dev.turnout.app.fixture.RecordedRequest;
import dev.turnout.app.fixture.RecordingBackend;
import dev.turnout.app.fixture.Response;
import dev.turnout.app.fixture.RunningProxy;
import dev.turnout.config.Colour;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** The promise of the product: any number of switches, drains and rollbacks, and no request lost or led astray. */
final class SwitchUnderLoadIT {

    private static final int CLIENTS = 64;
    private static final int CHANGES = 1_000;
    private static final long THINK_NANOS = 4_000_000;

    /** Which colour must serve a request that starts now: its number, and whether a change is under way. */
    private volatile Era era = new Era(0, Colour.BLUE, true);

    /** Of the thread that makes the changes. */
    private boolean switchedLast;

    private record Era(int number, Colour colour, boolean settled) {}

    @Test
    void noRequestIsLostOrLedAstrayByAThousandChanges() throws Exception {
        long seed = System.nanoTime();
        Queue<String> faults = new ConcurrentLinkedQueue<>();
        AtomicLong served = new AtomicLong();
        AtomicBoolean stop = new AtomicBoolean();
        try (RecordingBackend blue1 = backend("blue");
                RecordingBackend blue2 = backend("blue");
                RecordingBackend green1 = backend("green");
                RecordingBackend green2 = backend("green");
                RunningProxy proxy = proxy().blue(blue1, blue2)
                        .green(green1, green2)
                        .set("workers", 2)
                        .start()) {
            List<Thread> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                int id = i;
                Thread client = new Thread(() -> client(proxy, id, new Random(seed + id), stop, served, faults));
                client.start();
                clients.add(client);
            }

            Random random = new Random(seed);
            for (int i = 0; i < CHANGES && faults.isEmpty(); i++) {
                change(proxy, random, faults);
            }

            stop.set(true);
            for (Thread client : clients) {
                client.join();
            }
            assertThat(faults).as("seed %d", seed).isEmpty();
            assertThat(served.get()).isGreaterThan(CHANGES);
            assertThat(proxy.status().at("/pools/blue/inFlight").asInt()
                            + proxy.status().at("/pools/green/inFlight").asInt())
                    .isZero();
            for (RecordingBackend backend : List.of(blue1, blue2, green1, green2)) {
                assertThat(backend.faults()).isEmpty();
                assertThat(backend.requestCount()).isPositive();
            }
        }
    }

    private void change(RunningProxy proxy, Random random, Queue<String> faults) {
        Era before = era;
        Colour idle = before.colour().other();
        HttpResponse<String> reply;
        if (random.nextInt(4) == 0) {
            // A drain of the idle pool, and its end, must not touch the traffic.
            reply = proxy.post("/admin/pools/" + idle.label() + "/drain", "");
            if (reply.statusCode() < 300) {
                reply = proxy.post("/admin/pools/" + idle.label() + "/undrain", "");
            }
        } else {
            // A rollback goes back from a switch, and never forward.
            boolean back = switchedLast && random.nextBoolean();
            era = new Era(before.number() + 1, idle, false);
            reply = back
                    ? proxy.post("/admin/rollback", "")
                    : proxy.post("/admin/switch", "{\"to\":\"" + idle.label() + "\"}");
            era = new Era(before.number() + 2, idle, true);
            switchedLast = !back;
        }
        if (reply.statusCode() >= 300) {
            faults.add("change: " + reply.statusCode() + " " + reply.body());
        }
    }

    private void client(
            RunningProxy proxy, int id, Random random, AtomicBoolean stop, AtomicLong served, Queue<String> faults) {
        try (RawClient client = proxy.client()) {
            for (int n = 0; !stop.get() && faults.isEmpty(); n++) {
                String target = "/" + id + "/" + n;
                Era atStart = era;
                String expected;
                Response response;
                switch (random.nextInt(3)) {
                    case 0 -> {
                        expected = "";
                        response = client.get(target);
                    }
                    case 1 -> {
                        expected = "b".repeat(random.nextInt(20_000));
                        response = client.post(target, expected);
                    }
                    default -> {
                        String part = "c".repeat(1 + random.nextInt(5_000));
                        expected = part + part + "end";
                        response = client.postChunked(target, List.of(part, part, "end"));
                    }
                }
                Era atEnd = era;
                if (response.status() != 200 || !response.text().equals(target + " " + expected)) {
                    faults.add(target + " got " + response.status() + " " + cut(response.text()));
                }
                String colour = response.field("X-Colour");
                // The colour is only certain if no change was under way from start to end.
                if (atStart.settled()
                        && atStart.number() == atEnd.number()
                        && !colour.equals(atStart.colour().label())) {
                    faults.add(target + " was served by " + colour + " in the era of " + atStart.colour());
                }
                served.incrementAndGet();
                // Leaves some of the processor to the control plane, or a thousand changes take minutes.
                LockSupport.parkNanos(THINK_NANOS);
            }
        } catch (Exception e) {
            faults.add("client " + id + ": " + e);
        }
    }

    private static String cut(String text) {
        return text.length() > 200 ? text.substring(0, 200) : text;
    }

    private static RecordingBackend backend(String colour) {
        return RecordingBackend.start((RecordedRequest request) ->
                Answer.of(200, request.target() + " " + request.text(), "X-Colour: " + colour));
    }
}
