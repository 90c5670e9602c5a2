using DevOps.Core;
using DevOps.Core.Credentials;
using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Core.Secrets;
using DevOps.Core.Servers;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Core;

/// <summary>Every field that reaches git, ssh, docker or a shell, against one list of hostile inputs. A new such field gets a line here.</summary>
public sealed class HostileInputTests
{
    // Fields that hold one plain word: nothing of the list may pass.
    private static readonly Dictionary<string, Action<string, Faults>> Words = new(StringComparer.Ordinal)
    {
        ["key"] = (text, faults) => Project(p => p with { Key = text }, faults),
        ["repository.credential"] = (text, faults) => Project(p => p with { Repository = p.Repository with { Credential = text } }, faults),
        ["build.image"] = (text, faults) => Project(p => p with { Build = p.Build with { Image = text } }, faults),
        ["build.network"] = (text, faults) => Project(p => p with { Build = p.Build with { Network = text } }, faults),
        ["build.caches[0]"] = (text, faults) => Project(p => p with { Build = p.Build with { Caches = [text] } }, faults),
        ["deploy.path"] = (text, faults) => Project(p => p with { Deploy = p.Deploy with { Path = text } }, faults),
        ["deploy.rolling.batch"] = (text, faults) => Project(p => p with { Deploy = p.Deploy with { Rolling = p.Deploy.Rolling with { Batch = text } } }, faults),
        ["name"] = (text, faults) => new EnvironmentDraft { Name = text }.Check(faults),
        ["servers[0]"] = (text, faults) => new EnvironmentDraft { Name = "dev", Servers = [text] }.Check(faults),
        ["serverTags[0]"] = (text, faults) => new EnvironmentDraft { Name = "dev", ServerTags = [text] }.Check(faults),
        ["host"] = (text, faults) => Server(s => s with { Host = text }, faults),
        ["user"] = (text, faults) => Server(s => s with { User = text }, faults),
        ["credential"] = (text, faults) => Server(s => s with { Credential = text }, faults),
        ["jumpServer"] = (text, faults) => Server(s => s with { JumpServer = text }, faults),
        ["hostKey"] = (text, faults) => Server(s => s with { HostKey = text }, faults),
        ["tags[0]"] = (text, faults) => Server(s => s with { Tags = [text] }, faults),
        ["environment"] = (text, faults) => new DeploymentRequest { Environment = text }.Check(faults),
        ["commit"] = (text, faults) => new DeploymentRequest { Environment = "dev", Commit = text }.Check(faults),
    };

    // Fields in which git allows what a shell would take apart: they travel as one argument and never through a shell.
    private static readonly Dictionary<string, Action<string, Faults>> References = new(StringComparer.Ordinal)
    {
        ["repository.branch"] = (text, faults) => Project(p => p with { Repository = p.Repository with { Branch = text } }, faults),
        ["ref"] = (text, faults) => new DeploymentRequest { Environment = "dev", Ref = text }.Check(faults),
    };

    // Paths below a folder: names may hold much, but may not lead out of it or end a line.
    private static readonly Dictionary<string, Action<string, Faults>> Paths = new(StringComparer.Ordinal)
    {
        ["deploy.shared[0]"] = (text, faults) => Project(p => p with { Deploy = p.Deploy with { Shared = [text] } }, faults),
        ["files."] = (text, faults) => new EnvironmentDraft { Name = "dev", Files = new Dictionary<string, string>(StringComparer.Ordinal) { [text] = "x" } }.Check(faults),
    };

    private static readonly Dictionary<string, Action<string, Faults>> VariableNames = new(StringComparer.Ordinal)
    {
        ["variables."] = (text, faults) => new EnvironmentDraft { Name = "dev", Variables = new Dictionary<string, string>(StringComparer.Ordinal) { [text] = "x" } }.Check(faults),
        ["secrets."] = (text, faults) => new EnvironmentDraft { Name = "dev", Secrets = new Dictionary<string, string?>(StringComparer.Ordinal) { [text] = "x" } }.Check(faults),
        ["build.variables."] = (text, faults) => Project(p => p with { Build = p.Build with { Variables = new Dictionary<string, string>(StringComparer.Ordinal) { [text] = "x" } } }, faults),
    };

    public static TheoryData<string> WordFields() => [.. Words.Keys];

    public static TheoryData<string> ReferenceFields() => [.. References.Keys];

    public static TheoryData<string> PathFields() => [.. Paths.Keys];

    public static TheoryData<string> VariableFields() => [.. VariableNames.Keys];

    [Theory]
    [MemberData(nameof(WordFields))]
    public void Word_lets_nothing_hostile_pass(string field) => AssertAllRefused(field, Words[field], HostileInput.Words);

    [Theory]
    [MemberData(nameof(ReferenceFields))]
    public void Reference_is_no_option_and_stays_in_its_line(string field) =>
        AssertAllRefused(field, References[field], [.. HostileInput.Options, .. HostileInput.ControlCharacters, "..", "a..b", "../x", "@", "main@{upstream}", "HEAD~1", "HEAD^", "refs:x", "a b"]);

    [Theory]
    [MemberData(nameof(PathFields))]
    public void Path_stays_below_its_folder_and_in_its_line(string field) =>
        AssertAllRefused(field, Paths[field], [.. HostileInput.Traversal, .. HostileInput.ControlCharacters, "/etc/passwd", "/", "", "a//b", "."]);

    [Theory]
    [MemberData(nameof(VariableFields))]
    public void Variable_name_is_a_name(string field) =>
        AssertAllRefused(field, VariableNames[field], [.. HostileInput.Words, "LD_PRELOAD", "BASH_ENV", "PATH", "IFS", "DEPLOY_ID", "A=B", "1A", ""]);

    [Fact]
    public void Repository_address_is_one_of_the_accepted_forms() =>
        AssertAllRefused("repository.url", (text, faults) => Project(p => p with { Repository = p.Repository with { Url = text } }, faults), HostileInput.RepositoryUrls);

    [Fact]
    public void Health_address_is_http_and_nothing_else() =>
        AssertAllRefused("deploy.health.url", (text, faults) => Project(p => p with { Deploy = p.Deploy with { Health = p.Deploy.Health with { Url = text } } }, faults), HostileInput.HealthUrls);

    [Fact]
    public void Credential_name_lets_nothing_hostile_pass() =>
        AssertAllRefused("name", (text, faults) => new CredentialDraft { Name = text, Kind = CredentialKind.Password, Value = new Sensitive("long enough") }.Check(faults), HostileInput.Words);

    private static void AssertAllRefused(string field, Action<string, Faults> check, IEnumerable<string> inputs)
    {
        var passed = inputs.Where(input => !Refused(field, check, input)).ToList();
        Assert.True(passed.Count == 0, $"{field} accepts:\n{string.Join('\n', passed)}");
    }

    private static bool Refused(string field, Action<string, Faults> check, string input)
    {
        var faults = new Faults();
        check(input, faults);
        try
        {
            faults.ThrowIfAny();
            return false;
        }
        catch (InvalidInput refused)
        {
            return refused.Errors.Keys.Any(k => k.StartsWith(field, StringComparison.Ordinal));
        }
    }

    private static void Project(Func<ProjectDraft, ProjectDraft> change, Faults faults) => change(Rooms.Draft()).Check(faults, allowFiles: false);

    private static void Server(Func<ServerDraft, ServerDraft> change, Faults faults) => change(Rooms.ServerDraft()).Check(faults);
}
