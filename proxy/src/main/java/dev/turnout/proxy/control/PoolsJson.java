package dev.turnout.proxy.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnout.config.BackendAddress;
import dev.turnout.config.Colour;
import dev.turnout.proxy.control.SavedPool.SavedBackend;
import dev.turnout.proxy.routing.PoolEdit;
import java.util.ArrayList;
import java.util.List;

/** Immutable. Pools that were edited at run time, in the state file. */
final class PoolsJson {

    private PoolsJson() {}

    static void write(List<SavedPool> pools, ArrayNode array) {
        for (SavedPool pool : pools) {
            ObjectNode node = array.addObject()
                    .put("colour", pool.colour().name())
                    .put("version", pool.edit().version())
                    .put("definition", pool.edit().definition());
            ArrayNode backends = node.putArray("backends");
            for (SavedBackend backend : pool.backends()) {
                backends.addObject()
                        .put("address", backend.address().toString())
                        .put("weight", backend.weight())
                        .put("drained", backend.drained());
            }
        }
    }

    static List<SavedPool> read(JsonNode array) {
        List<SavedPool> pools = new ArrayList<>();
        for (JsonNode node : array) {
            List<SavedBackend> backends = new ArrayList<>();
            for (JsonNode backend : node.required("backends")) {
                backends.add(new SavedBackend(
                        BackendAddress.parse(backend.required("address").asText()),
                        backend.required("weight").asInt(),
                        backend.required("drained").asBoolean()));
            }
            pools.add(new SavedPool(
                    Colour.valueOf(node.required("colour").asText()),
                    new PoolEdit(
                            node.required("version").asText(),
                            node.required("definition").asText()),
                    backends));
        }
        return pools;
    }
}
