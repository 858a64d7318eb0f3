package dev.turnout.proxy.webhook;

import dev.turnout.config.WebhookSettings;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Thread-safe: anyone may {@link #tell}, a thread of its own delivers. One receiver: hears of changes in their order, each
 * until it has taken it or the attempts are used up.
 */
final class Webhook implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Webhook.class);

    /** Messages that wait behind the one in hand; more drop the oldest. */
    static final int QUEUE_LIMIT = 1000;

    private final WebhookSettings settings;
    private final Optional<Signature> signature;
    private final HttpClient client;
    private final Clock clock;
    private final Deliveries deliveries;

    /** What waits behind the message in hand. Filled by whoever tells, whatever the receiver does; emptied by the thread. */
    private final LinkedBlockingDeque<Message> queue = new LinkedBlockingDeque<>(QUEUE_LIMIT);

    private final Thread thread;

    /** Thread-safe. What became of messages, of all receivers together. */
    record Deliveries(LongAdder delivered, LongAdder failed, LongAdder dropped, AtomicInteger pending) {
        static Deliveries none() {
            return new Deliveries(new LongAdder(), new LongAdder(), new LongAdder(), new AtomicInteger());
        }
    }

    Webhook(WebhookSettings settings, Optional<Signature> signature, Clock clock, Deliveries deliveries) {
        this.settings = settings;
        this.signature = signature;
        this.clock = clock;
        this.deliveries = deliveries;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(settings.timeout())
                .build();
        this.thread = new Thread(this::run, "turnout-webhook");
        thread.setDaemon(true);
    }

    /** Begins to deliver. */
    void start() {
        thread.start();
    }

    /** Takes a message to deliver; returns at once. */
    void tell(Message message) {
        if (!settings.actions().isEmpty() && !settings.actions().contains(message.action())) {
            return;
        }
        deliveries.pending().incrementAndGet();
        while (!queue.offerLast(message)) {
            Message oldest = queue.pollFirst();
            if (oldest != null) {
                deliveries.pending().decrementAndGet();
                deliveries.dropped().increment();
                log.warn(
                        "webhook {}: {} ({}) was dropped: {} newer ones wait",
                        receiver(),
                        oldest.action(),
                        oldest.id(),
                        QUEUE_LIMIT);
            }
        }
    }

    private void run() {
        try {
            while (true) {
                Message message = queue.takeFirst();
                try {
                    deliver(message);
                } catch (RuntimeException e) {
                    // Ours, and of this message alone: the next one is delivered.
                    log.error(
                            "webhook {}: {} ({}) could not be delivered",
                            receiver(),
                            message.action(),
                            message.id(),
                            e);
                    deliveries.failed().increment();
                } finally {
                    deliveries.pending().decrementAndGet();
                }
            }
        } catch (InterruptedException e) {
            log.debug("webhook {}: ended", receiver());
        }
    }

    /** Delivers it until it was taken, refused for good, or the attempts are used up. */
    private void deliver(Message message) throws InterruptedException {
        for (int failures = 1; ; failures++) {
            String problem;
            Duration asked = Duration.ZERO;
            try {
                HttpResponse<Void> answer = delivered(message);
                int status = answer.statusCode();
                if (status / 100 == 2) {
                    deliveries.delivered().increment();
                    return;
                }
                problem = "it answered " + status;
                if (status / 100 != 5 && status != 429 && status != 408) {
                    giveUp(message, problem);
                    return;
                }
                asked = answer.headers()
                        .firstValue("Retry-After")
                        .map(text -> Backoff.asked(text, clock.instant()))
                        .orElse(Duration.ZERO);
            } catch (TimeoutException e) {
                problem = "nothing came of it within " + settings.timeout().toMillis() + " ms";
            } catch (ExecutionException e) {
                problem = String.valueOf(e.getCause());
            } catch (InterruptedException e) {
                giveUp(message, "Turnout ends");
                throw e;
            }
            if (failures >= settings.attempts()) {
                giveUp(message, problem);
                return;
            }
            Duration pause = Backoff.after(failures, ThreadLocalRandom.current().nextDouble(), asked);
            log.debug("webhook {}: {}, again in {} ms", receiver(), problem, pause.toMillis());
            TimeUnit.MILLISECONDS.sleep(pause.toMillis());
        }
    }

    /** The client's own timeout ends with the head of an answer, whose body may never end. */
    private HttpResponse<Void> delivered(Message message)
            throws InterruptedException, ExecutionException, TimeoutException {
        CompletableFuture<HttpResponse<Void>> answer = client.sendAsync(request(message), BodyHandlers.discarding());
        try {
            return answer.get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            answer.cancel(true);
        }
    }

    private void giveUp(Message message, String problem) {
        deliveries.failed().increment();
        log.warn("webhook {}: {} ({}) was not delivered: {}", receiver(), message.action(), message.id(), problem);
    }

    /** Not the whole address: with many services whoever knows path, query or user may post. */
    private String receiver() {
        int port = settings.url().getPort();
        return settings.url().getHost() + (port < 0 ? "" : ":" + port);
    }

    private HttpRequest request(Message message) {
        long now = clock.instant().getEpochSecond();
        byte[] body = message.bytes();
        HttpRequest.Builder request = HttpRequest.newBuilder(settings.url())
                .timeout(settings.timeout())
                .header("Content-Type", "application/json")
                .header("User-Agent", "turnout")
                .header("X-Turnout-Event", message.action())
                .header("X-Turnout-Delivery", message.id())
                .header("X-Turnout-Timestamp", Long.toString(now));
        signature.ifPresent(made -> request.header("X-Turnout-Signature", made.of(now, body)));
        return request.POST(BodyPublishers.ofByteArray(body)).build();
    }

    /** Breaks off the delivery in hand; what waits is lost. */
    @Override
    public void close() {
        thread.interrupt();
    }
}
