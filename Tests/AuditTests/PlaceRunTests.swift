import Testing

@testable import Audit

@Suite struct `A run of places` {
    private func left(_ places: ClosedRange<Int64>, without gone: [ClosedRange<Int64>]) -> [ClosedRange<Int64>] {
        PlaceRun(place: .store, places: places).without(gone).map(\.places)
    }

    @Test func `is what is left of it when places go`() {
        #expect(left(10...20, without: []) == [10...20])
        #expect(left(10...20, without: [1...9, 21...30]) == [10...20])
        #expect(left(10...20, without: [1...30]) == [])
        #expect(left(10...20, without: [10...20]) == [])
        #expect(left(10...20, without: [1...10]) == [11...20])
        #expect(left(10...20, without: [20...30]) == [10...19])
        #expect(left(10...20, without: [12...13, 15...15, 19...40]) == [10...11, 14...14, 16...18])
        #expect(left(10...10, without: [10...10]) == [])
    }
}
