using DevOps.Infrastructure.Docker;

namespace DevOps.Tests.Infrastructure.Docker;

public sealed class ImageUserTests
{
    private const string Passwd = "root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1001::/home/node:/bin/sh\r\nbroken\n";
    private const string Groups = "root:x:0:\nstaff:x:50:node\n";

    [Theory]
    [InlineData("node", null, 1000, 1001)]
    [InlineData("node", "staff", 1000, 50)]
    [InlineData("node", "77", 1000, 77)]
    [InlineData("1000", null, 1000, 1001)]
    [InlineData("4242", null, 4242, 0)]
    [InlineData("4242", "staff", 4242, 50)]
    public void User_of_an_image_is_found(string user, string? group, int uid, int gid) =>
        Assert.Equal(new ImageUser(uid, gid), ImageUser.Resolve(user, group, Passwd, Groups));

    [Theory]
    [InlineData("nobody-here", null)]
    [InlineData("node", "no-such-group")]
    [InlineData("broken", null)]
    public void User_that_the_image_does_not_know_is_none(string user, string? group) =>
        Assert.Null(ImageUser.Resolve(user, group, Passwd, Groups));
}
