// Discord's twin, and persons who act in it: POST /NAME with what they do.
const [root, port, token] = process.argv.slice(2)
const { from, serve } = require('./from.cjs')
from(root).load('discord-digital-twin').then(async ({ DigitalDiscord }) => {
  const twin = new DigitalDiscord({
    guild: { name: 'Example', channels: [{ name: 'triage', type: 0 }, { name: 'ops', type: 0 }] },
    users: [{ username: 'ann' }, { username: 'bob' }],
    botToken: token,
  })
  await twin.start()
  const as = ({ channel, user }) => twin.channel(channel).user(user)
  serve(port, {
    about: async () => ({
      rest: twin.restUrl, gateway: twin.gatewayUrl, token: twin.botToken, bot: twin.botUserId, guild: twin.guildId,
      channels: await twin.prisma.channel.findMany(), users: await twin.prisma.user.findMany(),
    }),
    commands: () => twin.prisma.applicationCommand.findMany(),
    say: (q) => as(q).sendMessage({ content: q.text }),
    slash: (q) => as(q).runSlashCommand({ name: q.name, commandId: q.command, options: q.options, guildId: q.guild }),
    click: (q) => as(q).clickButton({ messageId: q.message, customId: q.id, guildId: q.guild }),
    choose: (q) => as(q).selectMenu({ messageId: q.message, customId: q.id, values: q.values, guildId: q.guild }),
    submit: (q) => as(q).submitModal({ customId: q.id, fields: q.fields, guildId: q.guild }),
    interact: (q) => twin.simulateInteraction({ type: q.type, channelId: q.channel, userId: q.user, guildId: q.guild, data: q.data, messageId: q.message }),
    answer: (q) => twin.prisma.interactionResponse.findUnique({ where: { interactionId: q.id } }),
    messages: (q) => twin.channel(q.channel).getMessages(),
  })
})
