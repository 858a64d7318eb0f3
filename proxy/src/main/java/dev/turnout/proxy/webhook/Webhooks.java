package dev.turnout.proxy.webhook;

import dev.turnout.config.Colour;
import dev.turnout.config.WebhookSettings;
import dev.turnout.proxy.control.ChangeListener;
import dev.turnout.proxy.control.HistoryEntry;
import dev.turnout.proxy.webhook.Webhook.Deliveries;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/** Thread-safe. All receivers of one Turnout. */
public final class Webhooks implements ChangeListener, AutoCloseable {

    private final Deliveries deliveries = Deliveries.none();
    private final List<Webhook> receivers = new ArrayList<>();

    /** @throws IOException if a secret cannot be read; the message says which */
    public Webhooks(List<WebhookSettings> settings, Clock clock) throws IOException {
        for (WebhookSettings each : settings) {
            Optional<Signature> signature = each.secretFile().isPresent()
                    ? Optional.of(new Signature(secret(each.secretFile().get())))
                    : Optional.empty();
            receivers.add(new Webhook(each, signature, clock, deliveries));
        }
        // After all secrets were read, so that a bad one leaves no thread behind.
        receivers.forEach(Webhook::start);
    }

    private static byte[] secret(Path file) throws IOException {
        String text;
        try {
            text = Files.readString(file).strip();
        } catch (IOException e) {
            throw new IOException("cannot read the secret of a webhook from " + file, e);
        }
        if (text.length() < 16) {
            throw new IOException("the secret of a webhook in " + file + " is shorter than 16 characters");
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Shows what becomes of messages. */
    public void bindTo(MeterRegistry registry) {
        counter(registry, "delivered", deliveries.delivered());
        counter(registry, "failed", deliveries.failed());
        counter(registry, "dropped", deliveries.dropped());
        Gauge.builder("turnout.webhook.pending", deliveries.pending(), pending -> pending.get())
                .description("Messages to webhooks that are not delivered yet.")
                .register(registry);
    }

    private static void counter(MeterRegistry registry, String result, LongAdder count) {
        FunctionCounter.builder("turnout.webhook.deliveries", count, LongAdder::sum)
                .description("Messages to webhooks, by what became of them.")
                .tag("result", result)
                .register(registry);
    }

    @Override
    public void changed(HistoryEntry entry, Colour active) {
        if (!receivers.isEmpty()) {
            Message message = Message.of(entry, active);
            receivers.forEach(receiver -> receiver.tell(message));
        }
    }

    @Override
    public void close() {
        receivers.forEach(Webhook::close);
    }
}
