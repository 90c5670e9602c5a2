using DevOps.Core.Projects;
using DevOps.Core.Refusals;

namespace DevOps.Tests.Core.Projects;

public sealed class ProjectTemplatesTests
{
    public static TheoryData<string> Ids() => [.. ProjectTemplates.All.Select(t => t.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Template_makes_a_project_that_is_accepted_as_it_is(string id)
    {
        var template = ProjectTemplates.All.Single(t => string.Equals(t.Id, id, StringComparison.Ordinal));
        var faults = new Faults();
        new ProjectDraft
        {
            Key = "shop",
            Name = "Web shop",
            Repository = new RepositorySpec { Url = "https://git.example/shop.git" },
            Build = template.Build,
            Deploy = template.Deploy,
        }.Check(faults, allowFiles: false);

        faults.ThrowIfAny();
        Assert.True(faults.None);
    }
}
