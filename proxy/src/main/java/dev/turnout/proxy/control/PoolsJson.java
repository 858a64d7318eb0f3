package dev.turnout.proxy.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnout.config.BackendAddress;
import dev.turnout.config.BackendName;
import dev.turnout.config.Colour;
import dev.turnout.config.NamedBackends;
import dev.turnout.proxy.control.SavedPool.SavedBackend;
import dev.turnout.proxy.routing.Found;
import dev.turnout.proxy.routing.PoolEdit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Immutable. Pools that were edited at run time, and what names were found to lead to, in the state file. */
final class PoolsJson {

    private PoolsJson() {}

    static void write(List<SavedPool> pools, ArrayNode array) {
        for (SavedPool pool : pools) {
            ObjectNode node = array.addObject()
                    .put("colour", pool.colour().name())
                    .put("version", pool.edit().version())
                    .put("definition", pool.edit().definition());
            Set<BackendAddress> drained = new HashSet<>(pool.drained());
            ArrayNode backends = node.putArray("backends");
            for (SavedBackend backend : pool.backends()) {
                backends.addObject()
                        .put("address", backend.address().toString())
                        .put("weight", backend.weight())
                        .put("drained", drained.remove(backend.address()));
            }
            for (NamedBackends named : pool.names()) {
                backends.addObject()
                        .put("address", named.name().toString())
                        .put("weight", named.weight())
                        .put("drained", false);
            }
            if (!drained.isEmpty()) {
                ArrayNode others = node.putArray("drained");
                drained.stream().map(BackendAddress::toString).sorted().forEach(others::add);
            }
        }
    }

    static List<SavedPool> read(JsonNode array) {
        List<SavedPool> pools = new ArrayList<>();
        for (JsonNode node : array) {
            List<SavedBackend> backends = new ArrayList<>();
            List<NamedBackends> names = new ArrayList<>();
            Set<BackendAddress> drained = new HashSet<>();
            for (JsonNode backend : node.required("backends")) {
                String place = backend.required("address").asText();
                int weight = backend.required("weight").asInt();
                if (BackendName.isName(place)) {
                    names.add(new NamedBackends(BackendName.parse(place), weight));
                    continue;
                }
                BackendAddress address = BackendAddress.parse(place);
                backends.add(new SavedBackend(address, weight));
                if (backend.required("drained").asBoolean()) {
                    drained.add(address);
                }
            }
            node.path("drained").forEach(each -> drained.add(BackendAddress.parse(each.asText())));
            pools.add(new SavedPool(
                    Colour.valueOf(node.required("colour").asText()),
                    new PoolEdit(
                            node.required("version").asText(),
                            node.required("definition").asText()),
                    backends,
                    names,
                    drained));
        }
        return pools;
    }

    static void writeNames(List<SavedName> names, ArrayNode array) {
        for (SavedName each : names) {
            ArrayNode found = array.addObject()
                    .put("colour", each.colour().name())
                    .put("name", each.name().toString())
                    .putArray("found");
            for (Found one : each.found()) {
                found.addObject()
                        .put("address", one.address().toString())
                        .put("weight", one.weight())
                        .put("priority", one.priority())
                        .put("authority", one.authority());
            }
        }
    }

    static List<SavedName> readNames(JsonNode array) {
        List<SavedName> names = new ArrayList<>();
        for (JsonNode node : array) {
            List<Found> found = new ArrayList<>();
            for (JsonNode one : node.required("found")) {
                found.add(new Found(
                        BackendAddress.parse(one.required("address").asText()),
                        one.required("weight").asInt(),
                        one.required("priority").asInt(),
                        one.required("authority").asText()));
            }
            names.add(new SavedName(
                    Colour.valueOf(node.required("colour").asText()),
                    BackendName.parse(node.required("name").asText()),
                    found));
        }
        return names;
    }
}
