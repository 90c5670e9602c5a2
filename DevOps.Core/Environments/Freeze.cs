namespace DevOps.Core.Environments;

/// <summary>A span of time in which nothing is deployed.</summary>
public sealed record Freeze
{
    /// <summary>When it begins (UTC).</summary>
    public DateTimeOffset From { get; init; }

    /// <summary>When it is over (UTC): the first moment at which deployments run again.</summary>
    public DateTimeOffset To { get; init; }

    /// <summary>Why, for the people it stops.</summary>
    public string Reason { get; init; } = "";
}

/// <summary>A span of time of every week in which nothing is deployed.</summary>
public sealed record WeeklyFreeze
{
    /// <summary>Day of the week, in its time zone.</summary>
    public DayOfWeek Day { get; init; }

    /// <summary>When it begins: <c>00:00</c> to <c>23:59</c>.</summary>
    public string From { get; init; } = "00:00";

    /// <summary>When it is over: <c>00:01</c> to <c>24:00</c>, which is the end of the day.</summary>
    public string To { get; init; } = "24:00";

    /// <summary>IANA time zone, such as <c>Asia/Shanghai</c>.</summary>
    public string TimeZone { get; init; } = "UTC";
}

/// <summary>A freeze that holds now.</summary>
/// <param name="Until">When deployments run again (UTC).</param>
/// <param name="TimeZone">IANA time zone in which people read that.</param>
/// <param name="Reason">Why; empty when nobody said.</param>
public sealed record ActiveFreeze(DateTimeOffset Until, string TimeZone, string Reason);
