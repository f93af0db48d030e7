internal import ArgumentParser
internal import PacketModel

/// An address and a port as an argument: `192.0.2.1:443`, `[2001:db8::1]:22`.
struct ProbeArgument: ExpressibleByArgument {
    let address: IPAddress
    let port: UInt16

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"), let port = UInt16(argument[argument.index(after: colon)...]),
            port > 0
        else { return nil }
        var host = argument[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        guard let address = IPAddress(String(host)), isBracketed == host.contains(":") else { return nil }
        self.address = address
        self.port = port
    }
}
