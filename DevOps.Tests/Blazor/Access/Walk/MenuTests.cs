using DevOps.Blazor.Layout;
using DevOps.Core.Access;

namespace DevOps.Tests.Blazor.Access.Walk;

/// <summary>Menu and palette offer what the access table lets in, and all of it.</summary>
public sealed class MenuTests
{
    private const long Here = 1;
    private const long Elsewhere = 2;

    public static TheoryData<string> Visitors() => [.. Visitor.All.Where(v => v.SignedIn).Select(v => v.Name)];

    [Theory]
    [MemberData(nameof(Visitors))]
    public void Menu_offers_the_pages_that_one_may_open_and_no_other(string name)
    {
        var visitor = Visitor.All.Single(v => string.Equals(v.Name, name, StringComparison.Ordinal));
        var actor = new Actor(name, visitor.Platform, new Dictionary<long, Role> { [Here] = visitor.Member, [Elsewhere] = visitor.Elsewhere }, "127.0.0.1");

        var offered = NavGroup.For(actor).SelectMany(g => g.Items).Select(i => i.Url);

        Assert.Equal(NavGroup.All.SelectMany(g => g.Items).Select(i => i.Url).Where(url => Door(url).LetsIn(visitor)), offered);
    }

    private static Door Door(string url) => AccessTable.Doors.Single(d => string.Equals(d.Address, $"PAGE {url}", StringComparison.Ordinal));
}
