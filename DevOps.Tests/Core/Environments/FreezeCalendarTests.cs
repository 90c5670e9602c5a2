using System.Globalization;
using DevOps.Core.Environments;

namespace DevOps.Tests.Core.Environments;

public sealed class FreezeCalendarTests
{
    // 2026-11-27 is a Friday; Shanghai is UTC+8 all year.
    private static readonly WeeklyFreeze FridayEvening = new() { Day = DayOfWeek.Friday, From = "17:00", To = "24:00", TimeZone = "Asia/Shanghai" };

    [Theory]
    [InlineData("2026-12-24T09:59:59Z", null)]
    [InlineData("2026-12-24T10:00:00Z", "2026-12-26T10:00:00Z")]
    [InlineData("2026-12-26T09:59:59Z", "2026-12-26T10:00:00Z")]
    [InlineData("2026-12-26T10:00:00Z", null)]
    [InlineData("2026-11-01T00:00:00Z", null)]
    public void Single_freeze_holds_from_its_first_moment_to_the_one_before_its_end(string now, string? until) =>
        Assert.Equal(until, UntilOf([Span("2026-12-24T10:00:00Z", "2026-12-26T10:00:00Z")], [], now));

    [Fact]
    public void Freeze_of_the_future_does_not_stop_today() =>
        Assert.Null(FreezeCalendar.At([Span("2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z")], [FridayEvening], At("2026-11-25T12:00:00Z")));

    [Fact]
    public void Freezes_that_overlap_count_as_one() =>
        Assert.Equal("2026-12-05T00:00:00Z", UntilOf([Span("2026-12-01T00:00:00Z", "2026-12-03T00:00:00Z"), Span("2026-12-02T00:00:00Z", "2026-12-05T00:00:00Z")], [], "2026-12-01T12:00:00Z"));

    [Fact]
    public void Freezes_that_touch_count_as_one() =>
        Assert.Equal("2026-12-05T00:00:00Z", UntilOf([Span("2026-12-03T00:00:00Z", "2026-12-05T00:00:00Z"), Span("2026-12-01T00:00:00Z", "2026-12-03T00:00:00Z")], [], "2026-12-01T12:00:00Z"));

    [Fact]
    public void Freeze_inside_another_does_not_end_it_early() =>
        Assert.Equal("2026-12-09T00:00:00Z", UntilOf([Span("2026-12-01T00:00:00Z", "2026-12-09T00:00:00Z"), Span("2026-12-02T00:00:00Z", "2026-12-03T00:00:00Z")], [], "2026-12-02T12:00:00Z"));

    [Fact]
    public void Freezes_with_a_gap_do_not() =>
        Assert.Equal("2026-12-03T00:00:00Z", UntilOf([Span("2026-12-01T00:00:00Z", "2026-12-03T00:00:00Z"), Span("2026-12-03T00:00:01Z", "2026-12-05T00:00:00Z")], [], "2026-12-01T12:00:00Z"));

    [Theory]
    [InlineData("2026-11-27T08:59:59Z", null)]
    [InlineData("2026-11-27T09:00:00Z", "2026-11-27T16:00:00Z")]
    [InlineData("2026-11-27T15:59:59Z", "2026-11-27T16:00:00Z")]
    [InlineData("2026-11-27T16:00:00Z", null)]
    [InlineData("2026-11-26T10:00:00Z", null)]
    [InlineData("2026-12-04T10:00:00Z", "2026-12-04T16:00:00Z")]
    public void Weekly_freeze_holds_by_the_clock_of_its_zone(string now, string? until) => Assert.Equal(until, UntilOf([], [FridayEvening], now));

    [Fact]
    public void Weekly_freezes_join_over_midnight_and_over_the_end_of_the_week()
    {
        WeeklyFreeze[] weekend =
        [
            new() { Day = DayOfWeek.Friday, From = "18:00", To = "24:00" }, new() { Day = DayOfWeek.Saturday },
            new() { Day = DayOfWeek.Sunday }, new() { Day = DayOfWeek.Monday, From = "00:00", To = "08:00" },
        ];

        Assert.Equal("2026-11-30T08:00:00Z", UntilOf([], weekend, "2026-11-27T18:00:00Z"));
        Assert.Equal("2026-11-30T08:00:00Z", UntilOf([], weekend, "2026-11-29T23:59:59Z"));
        Assert.Null(FreezeCalendar.At([], weekend, At("2026-11-30T08:00:00Z")));
    }

    [Fact]
    public void Weekly_freezes_of_several_zones_are_each_read_in_their_own()
    {
        var newYork = new WeeklyFreeze { Day = DayOfWeek.Friday, From = "09:00", To = "12:00", TimeZone = "America/New_York" };

        Assert.Equal("2026-11-27T17:00:00Z", UntilOf([], [FridayEvening, newYork], "2026-11-27T10:00:00Z"));
    }

    [Fact]
    public void Weekly_freeze_keeps_its_hours_when_the_clocks_change()
    {
        var evening = new WeeklyFreeze { Day = DayOfWeek.Friday, From = "17:00", To = "20:00", TimeZone = "Europe/Berlin" };

        Assert.Equal("2026-10-23T18:00:00Z", UntilOf([], [evening], "2026-10-23T15:00:00Z"));
        Assert.Equal("2026-10-30T19:00:00Z", UntilOf([], [evening], "2026-10-30T16:00:00Z"));
        Assert.Null(FreezeCalendar.At([], [evening], At("2026-10-30T15:30:00Z")));
    }

    [Fact]
    public void Hour_that_comes_twice_is_frozen_both_times()
    {
        // 2026-10-25: Berlin's clocks go back from 03:00 to 02:00.
        var night = new WeeklyFreeze { Day = DayOfWeek.Sunday, From = "02:00", To = "02:30", TimeZone = "Europe/Berlin" };

        Assert.Equal("2026-10-25T01:30:00Z", UntilOf([], [night], "2026-10-25T00:00:00Z"));
        Assert.Equal("2026-10-25T01:30:00Z", UntilOf([], [night], "2026-10-25T01:29:59Z"));
    }

    [Fact]
    public void Hour_that_is_left_out_freezes_up_to_the_change()
    {
        // 2026-03-29: Berlin's clocks go forward from 02:00 to 03:00 at 01:00 UTC.
        var night = new WeeklyFreeze { Day = DayOfWeek.Sunday, From = "01:30", To = "02:30", TimeZone = "Europe/Berlin" };
        var within = new WeeklyFreeze { Day = DayOfWeek.Sunday, From = "02:10", To = "02:50", TimeZone = "Europe/Berlin" };

        Assert.Equal("2026-03-29T01:00:00Z", UntilOf([], [night], "2026-03-29T00:45:00Z"));
        Assert.Null(FreezeCalendar.At([], [within], At("2026-03-29T01:00:00Z")));
    }

    [Fact]
    public void Week_that_is_frozen_from_end_to_end_is_told_far_ahead_and_ends_the_search()
    {
        var always = Enum.GetValues<DayOfWeek>().Select(day => new WeeklyFreeze { Day = day }).ToList();

        var freeze = FreezeCalendar.At([], always, At("2026-11-27T10:00:00Z"));

        Assert.True(freeze!.Until > At("2027-01-20T00:00:00Z"));
    }

    [Fact]
    public void Reason_of_the_freeze_that_holds_is_kept()
    {
        var freeze = FreezeCalendar.At([Span("2026-12-01T00:00:00Z", "2026-12-03T00:00:00Z") with { Reason = "year end" }, Span("2026-12-03T00:00:00Z", "2026-12-04T00:00:00Z")], [], At("2026-12-02T00:00:00Z"));

        Assert.Equal("year end", freeze!.Reason);
    }

    [Theory]
    [InlineData("25:00", "26:00", "UTC")]
    [InlineData("17:00", "24:00", "Mars/Olympus")]
    public void Weekly_freeze_that_makes_no_sense_stops_nobody(string from, string to, string zone) =>
        Assert.Null(FreezeCalendar.At([], [new WeeklyFreeze { Day = DayOfWeek.Friday, From = from, To = to, TimeZone = zone }], At("2026-11-27T18:00:00Z")));

    private static Freeze Span(string from, string to) => new() { From = At(from), To = At(to) };

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private static string? UntilOf(IReadOnlyList<Freeze> freezes, IReadOnlyList<WeeklyFreeze> weekly, string now) =>
        FreezeCalendar.At(freezes, weekly, At(now))?.Until.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
