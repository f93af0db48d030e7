/// The lines in which two texts differ.
enum LineDifference {
    /// The lines that are missing (`-`) and those that are new (`+`), in order; nothing of what is the same.
    static func lines(_ old: [String], _ new: [String]) -> [String] {
        var start = 0
        while start < min(old.count, new.count), old[start] == new[start] { start += 1 }
        var end = 0
        while end < min(old.count, new.count) - start, old[old.count - 1 - end] == new[new.count - 1 - end] { end += 1 }
        let (before, after) = (old[start..<(old.count - end)], new[start..<(new.count - end)])
        // What grows with the product of both is not worth its time where nearly everything is another.
        guard before.count < mostLines, after.count < mostLines else {
            return before.map { "- \($0)" } + after.map { "+ \($0)" }
        }
        return merged(Array(before), Array(after))
    }

    private static let mostLines = 2000

    private static func merged(_ old: [String], _ new: [String]) -> [String] {
        let difference = new.difference(from: old)
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for change in difference {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var result: [String] = []
        var (i, j) = (0, 0)
        while i < old.count || j < new.count {
            if i < old.count, removed.contains(i) {
                result.append("- \(old[i])")
                i += 1
            } else if j < new.count, inserted.contains(j) {
                result.append("+ \(new[j])")
                j += 1
            } else {
                i += 1
                j += 1
            }
        }
        return result
    }
}
