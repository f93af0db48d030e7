internal import JSONC

/// Reads statements that change a mark (libnftables-json(5), `mangle`).
enum NFTMangleReader {
    /// A change of the packet's or the connection's mark.
    static func statement(_ json: JSONValue, _ path: String) throws(JSONError) -> NFTStatement {
        var reader = try JSONObjectReader(json, path: path)
        let key = try mark(try reader.require("key"), "\(path).key")
        let value = try term(try reader.require("value"), "\(path).value")
        try reader.finish()
        switch (key, value) {
        case (.packet, .constant(let number)): return .setMark(value: number, mask: .max)
        case (.connection, .constant(let number)): return .setConnectionMark(value: number, mask: .max)
        case (.packet, .changed(.packet, let kept, let flipped)): return .setMark(value: flipped, mask: ~kept)
        case (.connection, .changed(.connection, let kept, let flipped)):
            return .setConnectionMark(value: flipped, mask: ~kept)
        case (.packet, .changed(.connection, .max, 0)): return .restoreMark
        case (.connection, .changed(.packet, .max, 0)): return .saveMark
        default: throw JSONError(at: .path(path), "such a change of a mark is not known")
        }
    }

    fileprivate enum Register {
        case packet, connection
    }

    /// A number, or `(register & kept) ^ flipped`.
    fileprivate enum Term {
        case constant(UInt32)
        case changed(Register, kept: UInt32, flipped: UInt32)
    }

    private static func mark(_ json: JSONValue, _ path: String) throws(JSONError) -> Register {
        switch try NFTExpressionReader.expression(json, path) {
        case .meta(.mark): return .packet
        case .ct(.mark, _): return .connection
        default: throw JSONError(at: .path(path), "only marks can be changed here")
        }
    }

    private static func term(_ json: JSONValue, _ path: String) throws(JSONError) -> Term {
        if case .integer(let number) = json, let value = UInt32(exactly: number) { return .constant(value) }
        guard case .object(let members) = json, members.count == 1, let member = members.first else {
            throw JSONError(at: .path(path), "expected a mark, found \(json.kind)")
        }
        guard ["&", "|", "^"].contains(member.key) else {
            return .changed(try mark(json, path), kept: .max, flipped: 0)
        }
        guard case .array(let operands) = member.value, operands.count >= 2 else {
            throw JSONError(at: .path(path), "expected the operands of '\(member.key)'")
        }
        var result = try term(operands[0], "\(path)[0]")
        for (index, operand) in operands.enumerated().dropFirst() {
            guard case .constant(let number) = try term(operand, "\(path)[\(index)]") else {
                throw JSONError(at: .path("\(path)[\(index)]"), "expected a number")
            }
            result = result.applying(member.key, number)
        }
        return result
    }
}

extension NFTMangleReader.Term {
    fileprivate func applying(_ op: String, _ number: UInt32) -> Self {
        switch (self, op) {
        case (.constant(let value), "&"): .constant(value & number)
        case (.constant(let value), "|"): .constant(value | number)
        case (.constant(let value), _): .constant(value ^ number)
        case (.changed(let register, let kept, let flipped), "&"):
            .changed(register, kept: kept & number, flipped: flipped & number)
        case (.changed(let register, let kept, let flipped), "|"):
            .changed(register, kept: kept & ~number, flipped: flipped | number)
        case (.changed(let register, let kept, let flipped), _):
            .changed(register, kept: kept, flipped: flipped ^ number)
        }
    }
}
