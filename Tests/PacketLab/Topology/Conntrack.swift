internal import Glibc

extension Lab {
    /// Empties the router's table of connections, so that no old entry decides.
    package func forgetConnections() throws {
        try self[.router].run {
            let socket = Descriptor(try check(Glibc.socket(AF_NETLINK, Int32(SOCK_RAW.rawValue), 12), "netlink socket"))
            // nlmsghdr: 20 bytes, IPCTNL_MSG_CT_DELETE of NFNL_SUBSYS_CTNETLINK, NLM_F_REQUEST | NLM_F_ACK; then nfgenmsg.
            let header = hostBytes(UInt32(20)) + hostBytes(UInt16(0x0102)) + hostBytes(UInt16(5)) + hostBytes(UInt64(1))
            let message = header + [0, 0, 0, 0]
            guard Glibc.send(socket.number, message, message.count, 0) == message.count else {
                throw LabError(call: "flush conntrack", errno: errno)
            }
            var answer = [UInt8](repeating: 0, count: 256)
            let count = recv(socket.number, &answer, answer.count, 0)
            // The acknowledgement is an nlmsgerr: a negative errno behind the header.
            guard count >= 20, answer[16..<20].allSatisfy({ $0 == 0 }) else {
                throw LabError("conntrack was not flushed")
            }
        }
    }
}

/// The bytes of a number in the order of this machine.
func hostBytes(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }
