using DevOps.Core.Access;
using DevOps.Core.Refusals;

namespace DevOps.Tests.Core.Access;

public sealed class ScopeTableTests
{
    [Fact]
    public void Read_lets_through_what_reads_and_nothing_else()
    {
        var read = Enum.GetValues<Permission>().Where(p => ScopeTable.Has(TokenScope.Read, p));
        Assert.Equal(Enum.GetValues<Permission>().Where(p => p.ToString().EndsWith("Read", StringComparison.Ordinal)), read);
    }

    [Fact]
    public void Deploy_adds_what_deployers_do()
    {
        var added = Enum.GetValues<Permission>().Where(p => ScopeTable.Has(TokenScope.Deploy, p) && !ScopeTable.Has(TokenScope.Read, p)).ToList();
        Assert.Contains(Permission.Deploy, added);
        Assert.Contains(Permission.DeploymentControl, added);
        Assert.All(added, p => Assert.True(PermissionTable.Has(Role.Deployer, p), $"{p} is more than a deployer may"));
    }

    [Fact]
    public void Admin_lets_everything_through() => Assert.All(Enum.GetValues<Permission>(), p => Assert.True(ScopeTable.Has(TokenScope.Admin, p)));

    [Theory]
    [InlineData(TokenScope.Read, Permission.Deploy)]
    [InlineData(TokenScope.Read, Permission.UserEdit)]
    [InlineData(TokenScope.Deploy, Permission.ProjectEdit)]
    [InlineData(TokenScope.Deploy, Permission.SettingsEdit)]
    [InlineData(TokenScope.Deploy, Permission.Approve)]
    public void Scope_caps_an_administrator(TokenScope scope, Permission permission)
    {
        var actor = new Actor("lin", Role.Admin, new Dictionary<long, Role>()) { Scope = scope };
        Assert.False(actor.May(permission));
        Assert.Contains("scope", Assert.Throws<Forbidden>(() => actor.Demand(permission)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scope_caps_a_role_in_a_project_too()
    {
        var actor = new Actor("lin", Role.None, new Dictionary<long, Role> { [7] = Role.Maintainer }) { Scope = TokenScope.Deploy };
        Assert.True(actor.May(Permission.Deploy, 7));
        Assert.False(actor.May(Permission.ProjectEdit, 7));
        Assert.Equal([7], actor.VisibleProjects);
    }

    [Fact]
    public void Scope_gives_nothing_that_the_role_does_not()
    {
        var actor = new Actor("lin", Role.Viewer, new Dictionary<long, Role>()) { Scope = TokenScope.Admin };
        Assert.Throws<Forbidden>(() => actor.Demand(Permission.Deploy));
    }
}
