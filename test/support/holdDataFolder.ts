/** A process that takes a data folder and keeps it until it is killed. */
import { takeDataFolder } from '../../electron/catalog/dataFolder.ts'

const folder = takeDataFolder(String(process.argv[2]), 'desktop', Date.now)
folder.announce('http://127.0.0.1:1')
process.send?.('held')
setInterval(() => {}, 60_000)
