using DevOps.Blazor.Access;
using DevOps.Blazor.Hosting;
using DevOps.Core.Access;
using DevOps.Infrastructure.Access;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.Blazor.Access;

public sealed class ForgeSetupTests
{
    private const string At = "Access:OAuth:gitea:";

    [Fact]
    public void Nothing_is_on_until_it_is_configured() => Assert.Empty(Forges([]).Items);

    [Fact]
    public void Rules_are_read_from_the_configuration()
    {
        var (forge, options) = Assert.Single(Forges([(At + "ClientId", "a"), (At + "ClientSecret", "b"), (At + "BaseUrl", "https://git.example/"), (At + "RoleMap:Ops", "maintainer"), (At + "RoleMap:all", "viewer")]).Items);
        Assert.Equal(("gitea", "https://git.example"), (forge.Name, forge.BaseUrl(options)));
        Assert.Equal([Role.Maintainer, Role.Viewer, Role.None], [options.RoleOf(["ALL", "ops"]), options.RoleOf(["all"]), options.RoleOf(["others"])]);
    }

    [Theory]
    [InlineData("ClientSecret", "", "Access:OAuth:gitea:ClientSecret")]
    [InlineData("BaseUrl", "", "Access:OAuth:gitea:BaseUrl")]
    [InlineData("BaseUrl", "http://git.example", "Access:OAuth:gitea:BaseUrl")]
    [InlineData("BaseUrl", "git.example", "Access:OAuth:gitea:BaseUrl")]
    [InlineData("TimeoutSeconds", "0", "Access:OAuth:gitea:TimeoutSeconds")]
    [InlineData("RoleMap:ops", "boss", "Access:OAuth:gitea:RoleMap:ops")]
    public void Setting_that_cannot_work_stops_the_start_and_is_named(string key, string value, string named)
    {
        (string, string)[] good = [(At + "ClientId", "a"), (At + "ClientSecret", "b"), (At + "BaseUrl", "https://git.example")];
        var refused = Assert.Throws<InvalidOperationException>(() => Forges([.. good, (At + key, value)]));
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }

    private static Forges Forges((string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder();
        foreach (var (key, value) in settings)
        {
            configuration.AddInMemoryCollection([KeyValuePair.Create<string, string?>(key, value)]);
        }

        return new ServiceCollection().AddDevOpsForges(configuration.Build()).BuildServiceProvider().GetRequiredService<Forges>();
    }
}
