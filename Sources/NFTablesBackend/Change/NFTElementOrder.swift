/// Which elements of a set of intervals have to do with each other.
///
/// In a set of single values each element stands for itself. Of intervals the kernel keeps the ends, which neighbours may
/// share, and nft refuses what overlaps; where the keys have several parts, overlapping ones are looked at in the order in
/// which they came.
struct NFTElementOrder {
    private let wanted: NFTTableImage.Content

    init(_ wanted: NFTTableImage.Content) { self.wanted = wanted }

    /// Whether the order decides, so that equal elements do not make equal maps.
    var decides: Bool {
        guard wanted.declaration.isInterval, wanted.declaration.isMap, wanted.declaration.types.count > 1 else {
            return false
        }
        guard let boxes = Box.boxes(of: wanted.elements) else { return true }
        return Box.overlap(among: boxes)
    }

    /// Whether the elements can be changed one by one: each of them is apart from all others, before and after.
    func allows(removed: [NFTElement], added: [NFTElement], from live: [NFTElement]) -> Bool {
        let count = removed.count + added.count
        guard wanted.declaration.isInterval else { return count <= max(wanted.elements.count, Self.fewElements) }
        guard count * (live.count + wanted.elements.count) <= Self.comparisons else { return false }
        let changed = Set(removed + added)
        let others = Set(live + wanted.elements).subtracting(changed)
        guard let boxes = Box.boxes(of: removed + added), let others = Box.boxes(of: others),
            let added = Box.boxes(of: added)
        else { return false }
        guard wanted.declaration.types.count == 1 else {
            // What is removed may lie upon what is added: the removals are done first.
            return !boxes.contains { box in others.contains { box.overlaps($0) } } && !Box.overlap(among: added)
        }
        let spans = (boxes + others).map { $0.spans[0] }
        return NFTSpan.union(spans).count == spans.count
    }

    /// So many elements may be changed one by one in any set.
    private static let fewElements = 16
    /// So many pairs are looked at.
    private static let comparisons = 4_000_000
}

/// A key as a span of each of its parts.
private struct Box {
    var spans: [NFTSpan]

    /// The boxes of all keys but `*`; `nil` if one of them has none.
    static func boxes(of elements: some Collection<NFTElement>) -> [Box]? {
        var result: [Box] = []
        for element in elements where element.key != nil {
            guard let box = Box(element) else { return nil }
            result.append(box)
        }
        return result
    }

    /// The box of a key; `nil` for one whose parts have no order that is known here, such as names.
    init?(_ element: NFTElement) {
        let parts: [NFTValue] =
            switch element.key {
            case .concat(let parts): parts
            case .some(let key): [key]
            case nil: []
            }
        spans = parts.compactMap(NFTSpan.init)
        guard spans.count == parts.count else { return nil }
    }

    func overlaps(_ other: Box) -> Bool { zip(spans, other.spans).allSatisfy { $0.overlaps($1) } }

    /// Whether any two have a value in common; too many of them to tell count as such.
    static func overlap(among boxes: [Box]) -> Bool {
        let sorted = boxes.sorted { ($0.spans.first?.first ?? 0) < ($1.spans.first?.first ?? 0) }
        var comparisons = 0
        for (index, box) in sorted.enumerated() {
            for other in sorted[(index + 1)...] {
                guard let first = box.spans.first, let next = other.spans.first, next.first <= first.last else { break }
                comparisons += 1
                guard !box.overlaps(other), comparisons < 4_000_000 else { return true }
            }
        }
        return false
    }
}
