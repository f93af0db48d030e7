internal import Diagnostics

/// Where the elements of a document's sets and maps came from, by their values: the kernel lists them in an order of its own.
package struct NFTElementSources: Hashable, Sendable {
    /// For each set and map by its name: the identifiers by what the element is.
    private var elements: [String: [NFTElement: [String]]] = [:]
    private var places: [String: SourceLocation]

    /// The sources of a document.
    package init(_ document: NFTDocument) {
        places = document.sources.places
        for set in document.table.sets {
            add(set.name, set.elements.map { NFTElement($0).canonical(set.kind) }, document.sources)
        }
        for map in document.table.maps {
            add(map.name, map.elements.map { NFTElement($0.key, $0.verdict).canonical(map.kind) }, document.sources)
        }
    }

    private mutating func add(_ name: String, _ values: [NFTElement], _ sources: NFTSources) {
        guard let ids = sources.elements[name], ids.count == values.count else { return }
        elements[name] = Dictionary(zip(values, ids)) { first, _ in first }
    }

    /// The same with a text before the name of each file.
    package func prefixed(_ prefix: String) -> NFTElementSources {
        var copy = self
        copy.places = places.mapValues { SourceLocation(file: prefix + $0.file, line: $0.line) }
        return copy
    }

    /// The same for a table in which elements stand in another order, and perhaps others; those come from the set itself.
    package func sources(of table: NFTTable) -> NFTSources {
        var result = NFTSources(places: places)
        let sets = table.sets.map { set in (set.name, set.elements.map { NFTElement($0).canonical(set.kind) }) }
        let maps = table.maps.map { map in
            (map.name, map.elements.map { NFTElement($0.key, $0.verdict).canonical(map.kind) })
        }
        for (name, values) in sets + maps {
            guard let known = elements[name] else { continue }
            result.elements[name] = values.map { value in
                if let ids = known[value], !ids.isEmpty { return ids }
                result.places[name] = SourceLocation(file: "nft, set \(name)")
                return [name]
            }
        }
        return result
    }
}
