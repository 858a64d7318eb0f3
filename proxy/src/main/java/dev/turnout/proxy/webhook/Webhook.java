package dev.turnout.proxy.webhook;

import dev.turnout.config.WebhookSettings;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
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

    /** Messages that wait; more drop the oldest. */
    static final int QUEUE_LIMIT = 1000;

    private final WebhookSettings settings;
    private final Optional<Signature> signature;
    private final HttpClient client;
    private final Clock clock;
    private final Deliveries deliveries;
    private final ScheduledThreadPoolExecutor thread;
    private final AtomicInteger pending;

    /** Its own thread only. */
    private final ArrayDeque<Message> queue = new ArrayDeque<>();
    /** Its own thread only: failed deliveries of the first message, and whether it waits for another. */
    private int failures;

    private boolean waits;

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
        this.pending = deliveries.pending();
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(settings.timeout())
                .build();
        this.thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread made = new Thread(task, "turnout-webhook");
            made.setDaemon(true);
            return made;
        });
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Takes a message to deliver; returns at once. */
    void tell(Message message) {
        if (!settings.actions().isEmpty() && !settings.actions().contains(message.action())) {
            return;
        }
        try {
            thread.execute(() -> {
                if (queue.size() >= QUEUE_LIMIT) {
                    queue.removeFirst();
                    failures = 0;
                    pending.decrementAndGet();
                    deliveries.dropped().increment();
                }
                queue.addLast(message);
                pending.incrementAndGet();
                deliver();
            });
        } catch (RejectedExecutionException e) {
            deliveries.dropped().increment();
        }
    }

    private void deliver() {
        while (!waits && !queue.isEmpty()) {
            Message message = queue.getFirst();
            Optional<Duration> again = attempt(message);
            if (again.isEmpty()) {
                queue.removeFirst();
                pending.decrementAndGet();
                failures = 0;
            } else {
                waits = true;
                var unused = thread.schedule(
                        () -> {
                            waits = false;
                            deliver();
                        },
                        again.get().toMillis(),
                        TimeUnit.MILLISECONDS);
            }
        }
    }

    /** Delivers it once; how long to wait before it is delivered again, empty if it is not. */
    private Optional<Duration> attempt(Message message) {
        String problem;
        Duration asked = Duration.ZERO;
        try {
            HttpResponse<Void> answer = delivered(message);
            int status = answer.statusCode();
            if (status / 100 == 2) {
                deliveries.delivered().increment();
                return Optional.empty();
            }
            problem = "it answered " + status;
            if (status / 100 != 5 && status != 429 && status != 408) {
                return givenUp(message, problem);
            }
            asked = answer.headers()
                    .firstValue("Retry-After")
                    .filter(text -> text.matches("[0-9]{1,6}"))
                    .map(text -> Duration.ofSeconds(Long.parseLong(text)))
                    .orElse(Duration.ZERO);
        } catch (TimeoutException e) {
            problem = "nothing came of it within " + settings.timeout().toMillis() + " ms";
        } catch (ExecutionException e) {
            problem = String.valueOf(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return givenUp(message, "Turnout ends");
        }
        failures++;
        if (failures >= settings.attempts()) {
            return givenUp(message, problem);
        }
        return Optional.of(Backoff.after(failures, ThreadLocalRandom.current().nextDouble(), asked));
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

    private Optional<Duration> givenUp(Message message, String problem) {
        deliveries.failed().increment();
        log.warn("webhook {}: {} ({}) was not delivered: {}", settings.url(), message.action(), message.id(), problem);
        return Optional.empty();
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

    /** Ends after the delivery in hand; what waits is lost. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
